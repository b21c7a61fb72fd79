// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.demo;

import java.io.EOFException;
import java.io.IOException;
import java.io.Reader;

/**
 * Cuts what a server sends into the elements at the top of its stream, as text. Enough for one's own server, which writes no
 * comments and no CDATA; checks nothing.
 */
final class ElementScanner {
    private static final int CHUNK = 16 << 10;

    private final Reader in;
    private final char[] chunk = new char[CHUNK];
    private final StringBuilder element = new StringBuilder();
    private int at;
    private int end;

    ElementScanner(Reader in) {
        this.in = in;
    }

    /** The next element; waits for it. Stream headers and declarations are passed over. */
    String next() throws IOException {
        element.setLength(0);
        int depth = 0;
        while (true) {
            char c = read();
            if (c != '<') {
                if (depth > 0) {
                    element.append(c);
                }
                continue;
            }
            int start = element.length();
            tag();
            boolean closes = element.charAt(start + 1) == '/';
            boolean isHeader = element.charAt(start + 1) == '?' || element.indexOf("<stream:stream", start) == start;
            if (isHeader) {
                element.setLength(start);
            } else if (closes) {
                depth--;
            } else if (element.charAt(element.length() - 2) != '/') {
                depth++;
            }
            if (depth < 0) {
                throw new EOFException("the stream was closed");
            }
            if (depth == 0 && !isHeader) {
                return element.toString();
            }
        }
    }

    /** Takes a tag from behind its first bracket to its last. */
    private void tag() throws IOException {
        element.append('<');
        char quote = 0;
        while (true) {
            char c = read();
            element.append(c);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '>') {
                return;
            }
        }
    }

    private char read() throws IOException {
        if (at == end) {
            end = in.read(chunk, 0, chunk.length);
            at = 0;
            if (end < 0) {
                throw new EOFException("the connection ended");
            }
        }
        return chunk[at++];
    }
}
