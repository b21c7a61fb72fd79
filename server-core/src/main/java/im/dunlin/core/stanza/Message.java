// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message stanza (RFC 6121 section 5). */
public record Message(Header header, Type type, Payload payload, List<Element> additions) implements Stanza {
    public static final Name BODY = Name.of(Ns.CLIENT, "body");
    public static final Name SUBJECT = Name.of(Ns.CLIENT, "subject");
    public static final Name THREAD = Name.of(Ns.CLIENT, "thread");

    /** RFC 6121 section 5.2.2. */
    public enum Type {
        NORMAL("normal"),
        CHAT("chat"),
        GROUPCHAT("groupchat"),
        HEADLINE("headline"),
        ERROR("error");

        private final String wire;

        Type(String wire) {
            this.wire = wire;
        }

        public String wire() {
            return wire;
        }

        /** An unknown or absent type is {@link #NORMAL} (RFC 6121 section 5.2.2). */
        public static Type parse(@Nullable String wire) {
            for (Type type : values()) {
                if (type.wire.equals(wire)) {
                    return type;
                }
            }
            return NORMAL;
        }
    }

    public Message {
        additions = List.copyOf(additions);
    }

    public static Message of(Header header, Type type, Payload payload) {
        return new Message(header, type, payload, List.of());
    }

    public static Message of(Type type, @Nullable Jid to, Element... children) {
        return of(Header.to(to), type, Payload.of(children));
    }

    /** A chat message with a body. */
    public static Message chat(@Nullable Jid to, String body) {
        return of(Type.CHAT, to, Element.of(BODY, body));
    }

    @Override
    public String kind() {
        return "message";
    }

    @Override
    public @Nullable String wireType() {
        return type == Type.NORMAL ? null : type.wire;
    }

    @Override
    public boolean isAnswer() {
        return isError();
    }

    @Override
    public boolean isError() {
        return type == Type.ERROR;
    }

    /** The text of the first body, null without one. */
    public @Nullable String body() {
        return payload.text(BODY);
    }

    public MessageTraits traits() {
        return MessageTraits.of(this);
    }

    @Override
    public Message withHeader(Header header) {
        return new Message(header, type, payload, additions);
    }

    @Override
    public Message withPayload(Payload payload) {
        return new Message(header, type, payload, additions);
    }

    @Override
    public Message withAdditions(List<Element> additions) {
        return new Message(header, type, payload, additions);
    }

    @Override
    public Message withTo(@Nullable Jid to) {
        return withHeader(header.withTo(to));
    }

    @Override
    public Message withFrom(@Nullable Jid from) {
        return withHeader(header.withFrom(from));
    }

    @Override
    public Message withId(@Nullable String id) {
        return withHeader(header.withId(id));
    }

    public Message withType(Type type) {
        return new Message(header, type, payload, additions);
    }

    @Override
    public Message adding(Element addition) {
        return (Message) Stanza.super.adding(addition);
    }

    @Override
    public Message error(StanzaError error) {
        return of(header.answer(), Type.ERROR, Stanza.bounceOf(this, error));
    }
}
