// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A presence stanza (RFC 6121 sections 3 and 4). */
public record Presence(Header header, Type type, Payload payload, List<Element> additions) implements Stanza {
    public static final Name SHOW = Name.of(Ns.CLIENT, "show");
    public static final Name STATUS = Name.of(Ns.CLIENT, "status");
    public static final Name PRIORITY = Name.of(Ns.CLIENT, "priority");

    /** RFC 6121 section 4.7.1. */
    public enum Type {
        /** Available: no type attribute. */
        AVAILABLE(null),
        UNAVAILABLE("unavailable"),
        SUBSCRIBE("subscribe"),
        SUBSCRIBED("subscribed"),
        UNSUBSCRIBE("unsubscribe"),
        UNSUBSCRIBED("unsubscribed"),
        PROBE("probe"),
        ERROR("error");

        private final @Nullable String wire;

        Type(@Nullable String wire) {
            this.wire = wire;
        }

        public @Nullable String wire() {
            return wire;
        }

        /** Null for a type that does not exist, which is a bad request. */
        public static @Nullable Type parse(@Nullable String wire) {
            if (wire == null) {
                return AVAILABLE;
            }
            for (Type type : values()) {
                if (wire.equals(type.wire)) {
                    return type;
                }
            }
            return null;
        }

        /** True for the four that change a subscription and are delivered between bare JIDs. */
        public boolean isSubscription() {
            return this == SUBSCRIBE || this == SUBSCRIBED || this == UNSUBSCRIBE || this == UNSUBSCRIBED;
        }
    }

    public Presence {
        additions = List.copyOf(additions);
    }

    public static Presence of(Header header, Type type, Payload payload) {
        return new Presence(header, type, payload, List.of());
    }

    public static Presence of(Type type, @Nullable Jid from, @Nullable Jid to) {
        return of(new Header(to, from, null, null), type, Payload.EMPTY);
    }

    public static Presence available(@Nullable Jid from, @Nullable Jid to) {
        return of(Type.AVAILABLE, from, to);
    }

    public static Presence unavailable(@Nullable Jid from, @Nullable Jid to) {
        return of(Type.UNAVAILABLE, from, to);
    }

    @Override
    public String kind() {
        return "presence";
    }

    @Override
    public @Nullable String wireType() {
        return type.wire;
    }

    @Override
    public boolean isAnswer() {
        return isError();
    }

    @Override
    public boolean isError() {
        return type == Type.ERROR;
    }

    /**
     * The priority, 0 without one (RFC 6121 section 4.7.2.3).
     *
     * @throws StanzaException {@code bad-request} unless it is a number from -128 to 127
     */
    public int priority() {
        String text = payload.text(PRIORITY);
        if (text == null) {
            return 0;
        }
        try {
            return Byte.parseByte(text.strip());
        } catch (NumberFormatException e) {
            throw StanzaError.badRequest("priority must be a number from -128 to 127")
                    .toException();
        }
    }

    @Override
    public Presence withHeader(Header header) {
        return new Presence(header, type, payload, additions);
    }

    @Override
    public Presence withPayload(Payload payload) {
        return new Presence(header, type, payload, additions);
    }

    @Override
    public Presence withAdditions(List<Element> additions) {
        return new Presence(header, type, payload, additions);
    }

    @Override
    public Presence withTo(@Nullable Jid to) {
        return withHeader(header.withTo(to));
    }

    @Override
    public Presence withFrom(@Nullable Jid from) {
        return withHeader(header.withFrom(from));
    }

    @Override
    public Presence withId(@Nullable String id) {
        return withHeader(header.withId(id));
    }

    @Override
    public Presence adding(Element addition) {
        return (Presence) Stanza.super.adding(addition);
    }

    @Override
    public Presence error(StanzaError error) {
        return of(header.answer(), Type.ERROR, Stanza.bounceOf(this, error));
    }
}
