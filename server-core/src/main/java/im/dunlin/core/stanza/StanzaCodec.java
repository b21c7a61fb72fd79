// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.xml.CanonicalFormException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stanza as a stored value, alone or as a part of another: kind and type, header, additions, payload.
 *
 * <p>The numbers of kinds and types are on disk and never reused.
 */
public final class StanzaCodec {
    private static final int VERSION = 1;

    private static final int MESSAGE = 1;
    private static final int PRESENCE = 2;
    private static final int IQ = 3;

    private static final List<Message.Type> MESSAGE_TYPES = List.of(
            Message.Type.NORMAL, Message.Type.CHAT, Message.Type.GROUPCHAT, Message.Type.HEADLINE, Message.Type.ERROR);

    private static final List<Presence.Type> PRESENCE_TYPES = List.of(
            Presence.Type.AVAILABLE,
            Presence.Type.UNAVAILABLE,
            Presence.Type.SUBSCRIBE,
            Presence.Type.SUBSCRIBED,
            Presence.Type.UNSUBSCRIBE,
            Presence.Type.UNSUBSCRIBED,
            Presence.Type.PROBE,
            Presence.Type.ERROR);

    private static final List<Iq.Type> IQ_TYPES = List.of(Iq.Type.GET, Iq.Type.SET, Iq.Type.RESULT, Iq.Type.ERROR);

    /** A stanza that is a value by itself. */
    public static final ValueCodec<Stanza> VALUE = Values.versioned(VERSION, StanzaCodec::write, StanzaCodec::read);

    private StanzaCodec() {}

    /** A stanza as bytes that begin with the version of their format. */
    public static byte[] encode(Stanza stanza) {
        return VALUE.write(stanza);
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws CorruptionException for anything else
     */
    public static Stanza decode(byte[] bytes) {
        return VALUE.read(bytes);
    }

    /** Writes a stanza as a part of a value. */
    public static void write(ValueWriter out, Stanza stanza) {
        if (stanza instanceof Message message) {
            out.u8(MESSAGE).u8(MESSAGE_TYPES.indexOf(message.type()));
        } else if (stanza instanceof Presence presence) {
            out.u8(PRESENCE).u8(PRESENCE_TYPES.indexOf(presence.type()));
        } else if (stanza instanceof Iq iq) {
            out.u8(IQ).u8(IQ_TYPES.indexOf(iq.type()));
        }
        jid(out, stanza.to());
        jid(out, stanza.from());
        out.nullableText(stanza.id()).nullableText(stanza.lang());
        out.bytes(Payload.of(stanza.additions()).bytes());
        out.bytes(stanza.payload().bytes());
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws CorruptionException for anything else
     */
    public static Stanza read(ValueReader in) {
        int kind = in.u8();
        int type = in.u8();
        Header header = new Header(jid(in), jid(in), in.nullableText(), in.nullableText());
        try {
            List<Element> additions = Payload.parse(in.bytes()).children();
            Payload payload = Payload.parse(in.bytes());
            return switch (kind) {
                case MESSAGE -> new Message(header, type(MESSAGE_TYPES, type), payload, additions);
                case PRESENCE -> new Presence(header, type(PRESENCE_TYPES, type), payload, additions);
                case IQ -> new Iq(header, type(IQ_TYPES, type), payload, additions);
                default -> throw new CorruptionException("a stanza of kind " + kind);
            };
        } catch (CanonicalFormException e) {
            throw new CorruptionException("a stanza whose payload is damaged: " + e.getMessage());
        }
    }

    private static <T> T type(List<T> types, int number) {
        if (number >= types.size()) {
            throw new CorruptionException("a stanza of type " + number);
        }
        return types.get(number);
    }

    private static void jid(ValueWriter out, @Nullable Jid jid) {
        out.nullableText(jid == null ? null : jid.toString());
    }

    private static @Nullable Jid jid(ValueReader in) {
        String text = in.nullableText();
        return text == null ? null : Jid.prepared(text);
    }
}
