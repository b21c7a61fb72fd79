// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes a stream in WebSocket frames (RFC 7395): each element is a document of its own with all its namespaces, in one text
 * message of one frame (RFC 6455 §5.2).
 */
final class FrameWriter implements StreamWriter {
    private static final int FINAL = 0x80;
    private static final int SHORT_LENGTH = 126;
    private static final int LONG_LENGTH = 127;
    private static final int MAX_CONTROL = 125;

    /** One for each event loop, kept while it is small; nothing is declared around what it writes. */
    private static final FastThreadLocal<CanonicalWriter> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected CanonicalWriter initialValue() {
            return new CanonicalWriter("");
        }
    };

    @Override
    public void header(ByteBuf out, @Nullable Jid from, @Nullable Jid to, @Nullable String id, @Nullable String lang) {
        CanonicalWriter open = scratch().start(Framing.OPEN);
        if (from != null) {
            open.attr("from", from.toString());
        }
        if (to != null) {
            open.attr("to", to.toString());
        }
        open.attrIfPresent("id", id).attr("version", "1.0");
        if (lang != null) {
            open.attr("xml", Ns.XML, "lang", lang);
        }
        text(out, open.end());
    }

    @Override
    public void stanza(ByteBuf out, Stanza stanza) {
        CanonicalWriter writer = scratch();
        stanza.writeTo(writer);
        text(out, writer);
    }

    /** One of the stream's own namespace has its prefix, as some clients look for it by its spelling. */
    @Override
    public void nonza(ByteBuf out, Element element) {
        CanonicalWriter writer = scratch();
        if (!element.name().namespace().equals(Ns.STREAMS)) {
            element.writeTo(writer);
            text(out, writer);
            return;
        }
        element.children().forEach(child -> child.writeTo(writer));
        String name = "stream:" + element.name().local();
        String start = "<" + name + " xmlns:stream='" + Ns.STREAMS + "'>";
        String end = "</" + name + ">";
        begin(out, Framing.TEXT, start.length() + writer.size() + end.length());
        out.writeCharSequence(start, StandardCharsets.US_ASCII);
        out.writeBytes(writer.array(), 0, writer.size());
        out.writeCharSequence(end, StandardCharsets.US_ASCII);
    }

    /** The end of the stream, and then that of the connection (RFC 7395 §3.6). */
    @Override
    public void end(ByteBuf out) {
        text(out, scratch().start(Framing.CLOSE).end());
        close(out, Framing.NORMAL);
    }

    /** A close frame. @param status of RFC 6455 §7.4.1 */
    static void close(ByteBuf out, int status) {
        begin(out, Framing.CLOSING, Short.BYTES);
        out.writeShort(status);
    }

    /** The answer to a ping. @param payload as it came */
    static void pong(ByteBuf out, byte[] payload) {
        if (payload.length > MAX_CONTROL) {
            throw new IllegalArgumentException("a control frame has at most " + MAX_CONTROL + " bytes");
        }
        begin(out, Framing.PONG, payload.length);
        out.writeBytes(payload);
    }

    private static void text(ByteBuf out, CanonicalWriter document) {
        begin(out, Framing.TEXT, document.size());
        out.writeBytes(document.array(), 0, document.size());
    }

    private static void begin(ByteBuf out, int opcode, int length) {
        out.writeByte(FINAL | opcode);
        if (length < SHORT_LENGTH) {
            out.writeByte(length);
        } else if (length <= 0xFFFF) {
            out.writeByte(SHORT_LENGTH).writeShort(length);
        } else {
            out.writeByte(LONG_LENGTH).writeLong(length);
        }
    }

    private static CanonicalWriter scratch() {
        return SCRATCH.get().reset();
    }
}
