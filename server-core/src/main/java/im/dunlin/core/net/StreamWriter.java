// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Writes what the server says on one stream into buffers, as the stream's carrier has it: one long document
 * ({@link StanzaWriter}), or a document for each element ({@link FrameWriter}). Any event loop.
 */
public interface StreamWriter {
    /** What opens the stream (RFC 6120 section 4.7). */
    void header(ByteBuf out, @Nullable Jid from, @Nullable Jid to, @Nullable String id, @Nullable String lang);

    void stanza(ByteBuf out, Stanza stanza);

    /** Any other element at the top. */
    void nonza(ByteBuf out, Element element);

    /** The stream error; the end of the stream follows it. */
    default void error(ByteBuf out, StreamError error) {
        nonza(out, error.element());
    }

    /** What closes the stream. */
    void end(ByteBuf out);
}
