// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.MessageTraits;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.push.payload.Notice;
import im.dunlin.sync.log.Mentions;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What there is in a message for somebody who is away. */
final class Content {
    private static final Name BODY = Name.of(Ns.CLIENT, "body");
    private static final Name REPLY = Name.of("urn:xmpp:reply:0", "reply");

    private Content() {}

    /** What kind of thing to read it is; null if nobody need be woken for it. */
    static Notice.Message.@Nullable Kind kind(Message message, MessageTraits traits) {
        if (message.type() == Message.Type.ERROR || message.type() == Message.Type.HEADLINE) {
            return null;
        }
        if (traits.isInvite()) {
            return Notice.Message.Kind.INVITATION;
        }
        boolean saysOfAnother = traits.isCorrection() || traits.isRetraction() || traits.isReaction();
        if (traits.isCall() || traits.isWrapper() || saysOfAnother || !isReadable(message.payload(), traits)) {
            return null;
        }
        return message.type() == Message.Type.GROUPCHAT ? Notice.Message.Kind.GROUP : Notice.Message.Kind.CHAT;
    }

    /** Whether there is a text, a file, or an encrypted something that is not only a key (XEP-0384 §5.5.3). */
    private static boolean isReadable(Payload payload, MessageTraits traits) {
        if (!traits.hasContent()) {
            return false;
        }
        for (Name name : payload.names()) {
            if (name.local().equals("encrypted") && !name.namespace().equals("jabber:x:encrypted")) {
                Element encrypted = payload.first(name);
                return encrypted != null && encrypted.has(Name.of(name.namespace(), "payload"));
            }
        }
        String body = payload.text(BODY);
        return body == null || !body.isBlank();
    }

    /** Its text as it was sent; null if the server cannot read it. */
    static @Nullable String text(Message message) {
        return message.traits().isEncrypted() ? null : message.payload().text(BODY);
    }

    /** @param nick of the user in the room, if it is from one */
    static boolean isMention(Message message, BareJid account, @Nullable String nick) {
        Payload payload = message.payload();
        if (Mentions.has(payload, account)) {
            return true;
        }
        Jid from = message.from();
        Element reply = payload.has(REPLY) ? payload.first(REPLY) : null;
        Jid answered = reply == null ? null : jid(reply);
        if (answered != null) {
            boolean isToNick = nick != null
                    && from != null
                    && answered.bare().equals(from.bare())
                    && nick.equals(answered.resource());
            if (isToNick || answered.bare().equals(account)) {
                return true;
            }
        }
        String body = nick == null ? null : payload.text(BODY);
        return body != null && nick != null && hasWord(body.toLowerCase(Locale.ROOT), nick.toLowerCase(Locale.ROOT));
    }

    private static @Nullable Jid jid(Element reply) {
        try {
            return reply.optionalJid("to");
        } catch (im.dunlin.core.stanza.StanzaException e) {
            return null;
        }
    }

    private static boolean hasWord(String text, String word) {
        if (word.isBlank()) {
            return false;
        }
        for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
            int end = at + word.length();
            boolean begins = at == 0 || !Character.isLetterOrDigit(text.codePointBefore(at));
            boolean ends = end == text.length() || !Character.isLetterOrDigit(text.codePointAt(end));
            if (begins && ends) {
                return true;
            }
        }
        return false;
    }
}
