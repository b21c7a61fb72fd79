// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An iq stanza (RFC 6120 section 8.2.3): a question, or its answer. */
public record Iq(Header header, Type type, Payload payload, List<Element> additions) implements Stanza {

    /** RFC 6120 section 8.2.3. */
    public enum Type {
        GET("get"),
        SET("set"),
        RESULT("result"),
        ERROR("error");

        private final String wire;

        Type(String wire) {
            this.wire = wire;
        }

        public String wire() {
            return wire;
        }

        /** Null for a type that is absent or does not exist, which is a bad request. */
        public static @Nullable Type parse(@Nullable String wire) {
            for (Type type : values()) {
                if (type.wire.equals(wire)) {
                    return type;
                }
            }
            return null;
        }
    }

    public Iq {
        additions = List.copyOf(additions);
    }

    public static Iq of(Header header, Type type, Payload payload) {
        return new Iq(header, type, payload, List.of());
    }

    public static Iq get(@Nullable Jid to, String id, Element request) {
        return of(Header.to(to).withId(id), Type.GET, Payload.of(request));
    }

    public static Iq set(@Nullable Jid to, String id, Element request) {
        return of(Header.to(to).withId(id), Type.SET, Payload.of(request));
    }

    @Override
    public String kind() {
        return "iq";
    }

    @Override
    public String wireType() {
        return type.wire;
    }

    /** True for get and set. */
    public boolean isRequest() {
        return type == Type.GET || type == Type.SET;
    }

    @Override
    public boolean isAnswer() {
        return !isRequest();
    }

    @Override
    public boolean isError() {
        return type == Type.ERROR;
    }

    /**
     * The one child of a request, opened.
     *
     * @throws StanzaException {@code bad-request} if there is not exactly one child
     */
    public Element request() {
        requestName();
        return payload.children().get(0);
    }

    /**
     * The name of the one child of a request; opens nothing.
     *
     * @throws StanzaException {@code bad-request} if there is not exactly one child
     */
    public Name requestName() {
        if (payload.count() != 1) {
            throw StanzaError.badRequest("a request has exactly one child").toException();
        }
        return payload.names().get(0);
    }

    /** The answer without content. */
    public Iq result() {
        return result(Payload.EMPTY);
    }

    public Iq result(Element content) {
        return result(Payload.of(content));
    }

    public Iq result(Payload content) {
        if (isAnswer()) {
            throw new IllegalStateException("an answer is never answered (RFC 6120 section 8.2.3)");
        }
        return of(header.answer(), Type.RESULT, content);
    }

    @Override
    public Iq withHeader(Header header) {
        return new Iq(header, type, payload, additions);
    }

    @Override
    public Iq withPayload(Payload payload) {
        return new Iq(header, type, payload, additions);
    }

    @Override
    public Iq withAdditions(List<Element> additions) {
        return new Iq(header, type, payload, additions);
    }

    @Override
    public Iq withTo(@Nullable Jid to) {
        return withHeader(header.withTo(to));
    }

    @Override
    public Iq withFrom(@Nullable Jid from) {
        return withHeader(header.withFrom(from));
    }

    @Override
    public Iq withId(@Nullable String id) {
        return withHeader(header.withId(id));
    }

    @Override
    public Iq adding(Element addition) {
        return (Iq) Stanza.super.adding(addition);
    }

    @Override
    public Iq error(StanzaError error) {
        return of(header.answer(), Type.ERROR, Stanza.bounceOf(this, error));
    }
}
