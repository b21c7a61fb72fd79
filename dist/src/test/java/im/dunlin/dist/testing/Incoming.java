// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.testing;

import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Cuts one stream of a server into its header, its top-level elements and its end. It trusts that the server escapes
 * {@code <} and {@code >}; each element is then read by a full parser, so that what is not well formed fails the test.
 */
final class Incoming {
    static final Name STREAM = Name.of("http://etherx.jabber.org/streams", "stream");

    private final InputStream in;
    private final byte[] buffer = new byte[8192];
    private int at;
    private int filled;
    private String header = "";

    Incoming(InputStream in) {
        this.in = in;
    }

    /** The next element, an empty {@code stream} for the header, or null for the end of the stream. */
    @Nullable
    Element next() throws IOException {
        ByteArrayOutputStream piece = new ByteArrayOutputStream();
        int depth = header.isEmpty() ? 0 : 1;
        boolean inTag = false;
        int quote = 0;
        int first = 0;
        int previous = 0;
        while (true) {
            int b = read();
            if (!inTag && b != '<') {
                if (depth > 1) {
                    piece.write(b);
                } else if (b != ' ' && b != '\n') {
                    throw new IOException("the server sent text between elements: " + (char) b);
                }
                continue;
            }
            piece.write(b);
            if (!inTag) {
                inTag = true;
                first = 0;
            } else if (first == 0) {
                first = b;
            }
            if (quote != 0) {
                quote = b == quote ? 0 : quote;
            } else if (b == '\'' || b == '"') {
                quote = b;
            } else if (b == '>') {
                inTag = false;
                if (first == '?') {
                    piece.reset();
                    continue;
                }
                depth += first == '/' ? -1 : previous == '/' ? 0 : 1;
                if (depth == 0) {
                    return null;
                }
                if (depth == 1) {
                    return element(piece.toString(StandardCharsets.UTF_8));
                }
            }
            previous = b;
        }
    }

    private Element element(String xml) {
        if (header.isEmpty()) {
            header = xml;
            return TestXml.parse(xml + "</stream:stream>");
        }
        return TestXml.parse(xml, header);
    }

    /** Whether more has arrived than was taken. */
    boolean hasMore() {
        return at < filled;
    }

    private int read() throws IOException {
        if (at == filled) {
            filled = in.read(buffer);
            at = 0;
            if (filled <= 0) {
                filled = 0;
                throw new EOFException("the server closed the connection");
            }
        }
        return buffer[at++] & 0xFF;
    }
}
