// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message, presence or iq: a header, and a payload that is opened only on demand. Immutable.
 *
 * <p>{@link #additions} are what one owner's server adds on the way to that owner (stanza-id, delay):
 * they are written before the payload and never become part of its shared, archived bytes.
 */
public sealed interface Stanza permits Message, Presence, Iq {

    /** A bounce repeats the payload it answers up to this size (RFC 6120 section 8.3.1 allows to leave it out). */
    int MAX_ECHOED_PAYLOAD = 1024;

    Header header();

    /** The children, unopened. */
    Payload payload();

    /** Elements of the receiving owner, written before the payload. */
    List<Element> additions();

    /** The element's name: message, presence or iq. */
    String kind();

    /** The type attribute as written; null where it is absent. */
    @Nullable
    String wireType();

    /** True for what must never be answered: any error, and the result of an iq. */
    boolean isAnswer();

    /** True for type error. */
    boolean isError();

    Stanza withHeader(Header header);

    Stanza withPayload(Payload payload);

    Stanza withAdditions(List<Element> additions);

    /**
     * This stanza, refused: back to its sender with the same id, type error, the payload if it is small, and
     * the error.
     *
     * @throws IllegalStateException if this is an answer, since those are never answered
     */
    Stanza error(StanzaError error);

    default @Nullable Jid to() {
        return header().to();
    }

    default @Nullable Jid from() {
        return header().from();
    }

    default @Nullable String id() {
        return header().id();
    }

    default @Nullable String lang() {
        return header().lang();
    }

    default Stanza withTo(@Nullable Jid to) {
        return withHeader(header().withTo(to));
    }

    default Stanza withFrom(@Nullable Jid from) {
        return withHeader(header().withFrom(from));
    }

    default Stanza withId(@Nullable String id) {
        return withHeader(header().withId(id));
    }

    /** With one more addition. */
    default Stanza adding(Element addition) {
        List<Element> more = new ArrayList<>(additions());
        more.add(addition);
        return withAdditions(List.copyOf(more));
    }

    /** Additions and payload together: all that the receiver sees inside the stanza. */
    default Payload content() {
        if (additions().isEmpty()) {
            return payload();
        }
        CanonicalWriter writer = new CanonicalWriter();
        additions().forEach(addition -> addition.writeTo(writer));
        return writer.payload(payload()).toPayload();
    }

    /** Writes the whole stanza, in {@code jabber:client}, where the writer stands. */
    default void writeTo(CanonicalWriter writer) {
        Header header = header();
        writer.start(Ns.CLIENT, kind());
        if (header.to() != null) {
            writer.attr("to", header.to().toString());
        }
        if (header.from() != null) {
            writer.attr("from", header.from().toString());
        }
        writer.attrIfPresent("id", header.id());
        writer.attrIfPresent("type", wireType());
        if (header.lang() != null) {
            writer.attr("xml", Ns.XML, "lang", header.lang());
        }
        additions().forEach(addition -> addition.writeTo(writer));
        writer.payload(payload());
        writer.end();
    }

    /** The payload of a bounce: the refused one if it is small, then the error. */
    private static Payload bounce(Payload refused, StanzaError error) {
        return refused.size() > MAX_ECHOED_PAYLOAD ? Payload.of(error.element()) : refused.with(error.element());
    }

    /** For {@link #error}: refuses to answer an answer. */
    static Payload bounceOf(Stanza stanza, StanzaError error) {
        if (stanza.isAnswer()) {
            throw new IllegalStateException("an answer is never answered (RFC 6120 section 8.3.1)");
        }
        return bounce(stanza.payload(), error);
    }
}
