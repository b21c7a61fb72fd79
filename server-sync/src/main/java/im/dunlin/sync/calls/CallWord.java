// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is said of one call: an element of XEP-0353, in its versions 0.1 to 0.8 and as Xabber's clients use it, or the end of a
 * Jingle session (XEP-0166).
 *
 * @param sid of the session, as its caller chose it
 * @param breaksTie XEP-0353 §4.1: the call goes because both called at once
 * @param migratedTo XEP-0353 §4.2: the session in which the call goes on
 * @param element as it was sent
 */
record CallWord(
        Kind kind, String sid, boolean breaksTie, @Nullable String migratedTo, Element element) {
    enum Kind {
        PROPOSE,
        RINGING,
        /** In version 0.3, and by Xabber's clients, {@code accept}. */
        PROCEED,
        /** By Xabber's clients also the caller's cancelling, and the end of a call. */
        REJECT,
        RETRACT,
        FINISH;

        boolean ends() {
            return this == REJECT || this == RETRACT || this == FINISH;
        }
    }

    /** Longer ids are of no client that is known; whoever sends one is not followed. */
    static final int MAX_SID = 128;

    static final Name DESCRIPTION = Name.of("urn:xmpp:jingle:apps:rtp:1", "description");

    private static final Name JINGLE = Name.of("urn:xmpp:jingle:1", "jingle");
    private static final Name TIE_BREAK = Name.of(Ns.JINGLE_MESSAGE, "tie-break");
    private static final Name MIGRATED = Name.of(Ns.JINGLE_MESSAGE, "migrated");

    private static final Set<Message.Type> TYPES = Set.of(Message.Type.CHAT, Message.Type.NORMAL);

    /** Null unless the message says exactly one thing of one call. */
    static @Nullable CallWord of(Message message) {
        if (!message.traits().isCall() || !TYPES.contains(message.type())) {
            return null;
        }
        Name only = null;
        for (Name child : message.payload().names()) {
            if (child.namespace().equals(Ns.JINGLE_MESSAGE)) {
                if (only != null) {
                    return null;
                }
                only = child;
            }
        }
        Kind kind = only == null ? null : kind(only.local());
        Element element =
                kind == null || only == null ? null : message.payload().first(only);
        String sid = element == null ? null : element.attr("id");
        if (kind == null || element == null || sid == null || !isSid(sid)) {
            return null;
        }
        Element migrated = element.first(MIGRATED);
        return new CallWord(kind, sid, element.has(TIE_BREAK), migrated == null ? null : migrated.attr("to"), element);
    }

    private static @Nullable Kind kind(String local) {
        return switch (local) {
            case "propose" -> Kind.PROPOSE;
            case "ringing" -> Kind.RINGING;
            case "proceed", "accept" -> Kind.PROCEED;
            case "reject" -> Kind.REJECT;
            case "retract" -> Kind.RETRACT;
            case "finish" -> Kind.FINISH;
            default -> null;
        };
    }

    /** The end of a session that its client tells the other client alone (XEP-0166 §6.7); null if the iq is anything else. */
    static @Nullable CallWord terminating(Iq iq) {
        Element jingle = iq.type() == Iq.Type.SET ? iq.payload().first(JINGLE) : null;
        String sid = jingle == null ? null : jingle.attr("sid");
        if (jingle == null || sid == null || !isSid(sid) || !"session-terminate".equals(jingle.attr("action"))) {
            return null;
        }
        return new CallWord(Kind.FINISH, sid, false, null, jingle);
    }

    /** The kinds of media that are offered, separated by spaces; null if it names none. */
    @Nullable
    String media() {
        String media = element.children(DESCRIPTION).stream()
                .map(description -> description.attr("media"))
                .filter(each -> "audio".equals(each) || "video".equals(each))
                .distinct()
                .collect(Collectors.joining(" "));
        return media.isEmpty() ? null : media;
    }

    private static boolean isSid(String id) {
        return !id.isEmpty()
                && id.length() <= MAX_SID
                && id.getBytes(StandardCharsets.UTF_8).length <= MAX_SID
                && id.chars().noneMatch(Character::isISOControl);
    }
}
