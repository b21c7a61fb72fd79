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
 * Writes what the server says on one stream into buffers: header, stanzas, nonzas, errors, the end.
 *
 * <p>Stateless but for the content namespace, so one serves all streams of a kind, on any event loop.
 */
public final class StanzaWriter implements StreamWriter {
    /** One for each event loop, kept while it is small. */
    private static final FastThreadLocal<CanonicalWriter> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected CanonicalWriter initialValue() {
            return new CanonicalWriter();
        }
    };

    private final String contentNamespace;

    public StanzaWriter(String contentNamespace) {
        this.contentNamespace = contentNamespace;
    }

    /** The XML declaration and the stream's start tag (RFC 6120 section 4.7). */
    @Override
    public void header(ByteBuf out, @Nullable Jid from, @Nullable Jid to, @Nullable String id, @Nullable String lang) {
        StringBuilder header = new StringBuilder("<?xml version='1.0'?><stream:stream xmlns='")
                .append(contentNamespace)
                .append("' xmlns:stream='")
                .append(Ns.STREAMS)
                // Some servers look for dialback by its prefix (XEP-0220 §2.1.1).
                .append(contentNamespace.equals(Ns.SERVER) ? "' xmlns:db='jabber:server:dialback" : "")
                // Streams of components are from before 1.0, which promises features.
                .append(contentNamespace.equals(Ns.COMPONENT) ? "'" : "' version='1.0'");
        out.writeCharSequence(header, StandardCharsets.UTF_8);
        CanonicalWriter attributes = scratch().start("", "x");
        int skip = attributes.size();
        if (from != null) {
            attributes.attr("from", from.toString());
        }
        if (to != null) {
            attributes.attr("to", to.toString());
        }
        attributes.attrIfPresent("id", id);
        if (lang != null) {
            attributes.attr("xml", Ns.XML, "lang", lang);
        }
        out.writeBytes(attributes.array(), skip, attributes.size() - skip);
        out.writeByte('>');
    }

    /** A stanza; on a {@code jabber:server} stream the same bytes, since the stream's namespace is around them. */
    @Override
    public void stanza(ByteBuf out, Stanza stanza) {
        CanonicalWriter writer = scratch();
        stanza.writeTo(writer);
        out.writeBytes(writer.array(), 0, writer.size());
    }

    /**
     * Any other element at the top. One of the stream's own namespace gets the stream's prefix: some clients look
     * for {@code stream:features} by its spelling.
     */
    @Override
    public void nonza(ByteBuf out, Element element) {
        CanonicalWriter writer = scratch();
        if (!element.name().namespace().equals(Ns.STREAMS)) {
            element.writeTo(writer);
            out.writeBytes(writer.array(), 0, writer.size());
            return;
        }
        String name = "stream:" + element.name().local();
        element.children().forEach(child -> child.writeTo(writer));
        out.writeByte('<');
        out.writeCharSequence(name, StandardCharsets.US_ASCII);
        out.writeByte('>');
        out.writeBytes(writer.array(), 0, writer.size());
        out.writeCharSequence("</" + name + ">", StandardCharsets.US_ASCII);
    }

    /** The stream's end tag. */
    @Override
    public void end(ByteBuf out) {
        out.writeCharSequence("</stream:stream>", StandardCharsets.US_ASCII);
    }

    private static CanonicalWriter scratch() {
        return SCRATCH.get().reset();
    }
}
