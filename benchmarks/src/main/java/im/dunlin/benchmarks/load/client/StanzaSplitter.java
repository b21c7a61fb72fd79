// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Cuts the bytes of a stream into its top-level elements. It knows tags, quotes and depth and nothing else of XML: comments,
 * CDATA and the like are forbidden in XMPP or never written by servers, and end the stream here.
 */
final class StanzaSplitter {
    /** Told what came, in order. */
    interface Sink {
        void opened(Received header);

        void element(Received element);

        void closed();
    }

    private static final int FIRST_CAPACITY = 2048;

    private enum State {
        TEXT,
        MARKUP,
        OPENING_TAG,
        CLOSING_TAG,
        DECLARATION
    }

    private final int bound;
    private final int outermost;
    private byte[] bytes = new byte[FIRST_CAPACITY];
    private int length;
    private int scanned;
    private int begin;
    private int depth;
    private byte quote;
    private State state = State.TEXT;

    /**
     * @param bound bytes of one element above which the stream is given up
     * @param outermost 0: what comes first opens the document that all elements are in; 1: there is no such document
     */
    StanzaSplitter(int bound, int outermost) {
        this.bound = bound;
        this.outermost = outermost;
        this.depth = outermost;
    }

    /** The stream begins again, as after authentication. */
    void restart() {
        depth = outermost;
    }

    /** @throws IllegalStateException what came is no XMPP stream, or an element is too long */
    void feed(ByteBuf in, Sink sink) {
        int more = in.readableBytes();
        if (length + more > bound) {
            throw new IllegalStateException("an element of more than " + bound + " bytes");
        }
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
        }
        in.readBytes(bytes, length, more);
        length += more;
        while (scanned < length) {
            step(bytes[scanned++], sink);
        }
        keepUnfinished();
    }

    private void step(byte next, Sink sink) {
        switch (state) {
            case TEXT -> {
                if (next == '<') {
                    state = State.MARKUP;
                    if (depth <= 1) {
                        begin = scanned - 1;
                    }
                }
            }
            case MARKUP -> {
                if (next == '!') {
                    throw new IllegalStateException("a comment, CDATA or document type in the stream");
                }
                state = next == '/' ? State.CLOSING_TAG : next == '?' ? State.DECLARATION : State.OPENING_TAG;
            }
            case OPENING_TAG -> {
                if (quote != 0) {
                    quote = next == quote ? 0 : quote;
                } else if (next == '\'' || next == '"') {
                    quote = next;
                } else if (next == '>') {
                    state = State.TEXT;
                    opened(bytes[scanned - 2] == '/', sink);
                }
            }
            case CLOSING_TAG -> {
                if (next == '>') {
                    state = State.TEXT;
                    depth--;
                    if (depth == 1) {
                        sink.element(new Received(bytes, begin, scanned));
                    } else if (depth == 0) {
                        sink.closed();
                    }
                }
            }
            case DECLARATION -> {
                if (next == '>') {
                    state = State.TEXT;
                }
            }
        }
    }

    private void opened(boolean empty, Sink sink) {
        if (!empty) {
            depth++;
            if (depth == 1) {
                sink.opened(new Received(bytes, begin, scanned));
            }
        } else if (depth == 1) {
            sink.element(new Received(bytes, begin, scanned));
        }
    }

    private void keepUnfinished() {
        boolean within = depth > 1 || state != State.TEXT;
        int from = within ? begin : scanned;
        if (from > 0) {
            System.arraycopy(bytes, from, bytes, 0, length - from);
            length -= from;
            scanned -= from;
            begin = 0;
        }
        if (length == 0 && bytes.length > 16 * FIRST_CAPACITY) {
            bytes = new byte[FIRST_CAPACITY];
        }
    }
}
