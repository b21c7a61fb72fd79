// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@link XmlStreamDecoder} passes to the next handler. Immutable. */
public sealed interface StreamEvent {

    /**
     * The peer's stream header. After a restart there is another.
     *
     * @param version as written; null before XMPP 1.0
     * @param contentNamespace the namespace of its stanzas
     */
    record StreamOpened(
            @Nullable Jid to,
            @Nullable Jid from,
            @Nullable String version,
            @Nullable String id,
            @Nullable String lang,
            String contentNamespace)
            implements StreamEvent {}

    /**
     * A stanza, in {@code jabber:client} whatever the stream's content namespace is.
     *
     * @param size its bytes as received, for credit
     */
    record StanzaReceived(Stanza stanza, int size) implements StreamEvent {}

    /**
     * A stanza that cannot be handled: a malformed address, an unknown type, an iq without id or with the
     * wrong number of children. The stream goes on.
     *
     * @param kind message, presence or iq
     * @param id to be repeated in the answer
     * @param type as written
     * @param to if it is an address
     * @param from if it is an address
     * @param answerable false for errors and results, which get no answer (RFC 6120 section 8.3.1)
     */
    record MalformedStanza(
            String kind,
            @Nullable String id,
            @Nullable String type,
            @Nullable Jid to,
            @Nullable Jid from,
            boolean answerable,
            StanzaError error,
            int size)
            implements StreamEvent {

        /** The error stanza that answers it, to be addressed by the session; null if there is to be none. */
        public @Nullable Stanza answer() {
            return answerable ? Malformed.answer(this) : null;
        }
    }

    /** Another element at the top: negotiation, stream management, features, a stream error. */
    record NonzaReceived(Element element, int size) implements StreamEvent {}

    /** A ping of the carrier (RFC 6455 §5.5.2), to be answered with the same payload. */
    record Pinged(byte[] payload) implements StreamEvent {}

    /** The carrier brought something of this size beside what is in it (XEP-0124 §9). */
    record Polled(int size) implements StreamEvent {}

    /**
     * The start tag of a body of BOSH; what is in it follows, and the end of the body as {@link StreamClosed}.
     *
     * @param attributes those without a namespace by their names; {@code xml:lang}; those of XEP-0206 as {@code xmpp:version}
     */
    record BodyOpened(Map<String, String> attributes) implements StreamEvent {}

    /**
     * The peer closed the carrier, or broke its rules; the stream may be open still. Nothing follows.
     *
     * @param status to be closed with (RFC 6455 §7.4.1)
     */
    record CarrierClosed(int status) implements StreamEvent {}

    /** The peer closed its stream; nothing follows. */
    record StreamClosed() implements StreamEvent {}

    /** The peer broke a rule of XML or of the stream. Emitted once; nothing follows. */
    record StreamViolation(StreamError error) implements StreamEvent {}
}
