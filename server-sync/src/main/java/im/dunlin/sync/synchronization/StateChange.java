// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationHead.Status;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationType;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client wants to change of one conversation. Status goes with pin or mute in one change; pin and mute do not go together.
 *
 * @param key null if there can be no such conversation
 * @param status null to leave it
 * @param pin null to leave it
 * @param muteSeconds from now on; {@link #UNMUTED}, or null to leave it
 */
record StateChange(
        @Nullable ConversationKey key,
        @Nullable Status status,
        @Nullable Long pin,
        @Nullable Long muteSeconds) {
    static final long UNMUTED = -1;

    /** Clients write numbers as whole ones or as their languages print fractions. */
    private static final Pattern NUMBER = Pattern.compile("([0-9]{1,18})(?:\\.0+)?");

    /** @throws im.dunlin.core.stanza.StanzaException {@code bad-request} for what is not one change of one conversation */
    static StateChange parse(Element query) {
        List<Element> conversations = query.children(ConversationElements.CONVERSATION);
        if (conversations.size() != 1) {
            throw StanzaError.badRequest("a change is of one conversation").toException();
        }
        Element asked = conversations.get(0);
        ConversationType type = ConversationType.parse(asked.requireAttr("type"));
        ConversationKey key = type == null
                ? null
                : new ConversationKey(asked.requireJid("jid").bare(), type);
        Status status = status(asked.attr("status"));
        Long pin = asked.attr("pinned") == null ? null : (Long) number("pinned", asked.requireAttr("pinned"));
        Long mute = mute(asked.attr("mute"));
        if (status == null && pin == null && mute == null) {
            throw StanzaError.badRequest("nothing to change").toException();
        }
        if (pin != null && mute != null || status == Status.DELETED && (pin != null || mute != null)) {
            throw StanzaError.badRequest("two changes at once").toException();
        }
        return new StateChange(key, status, pin, mute);
    }

    private static @Nullable Status status(@Nullable String wire) {
        if (wire == null) {
            return null;
        }
        return switch (wire) {
            case "active" -> Status.ACTIVE;
            case "archived" -> Status.ARCHIVED;
            case "deleted" -> Status.DELETED;
            default -> throw StanzaError.badRequest("no such status").toException();
        };
    }

    private static @Nullable Long mute(@Nullable String wire) {
        if (wire == null) {
            return null;
        }
        if (wire.isEmpty()) {
            return UNMUTED;
        }
        long seconds = number("mute", wire);
        return seconds == 0 ? ConversationHead.MUTED_FOREVER : Math.min(seconds, ConversationHead.MUTED_FOREVER);
    }

    private static long number(String attribute, String wire) {
        Matcher number = NUMBER.matcher(wire);
        if (!number.matches()) {
            throw StanzaError.badRequest(attribute + " must be a number").toException();
        }
        return Long.parseLong(number.group(1));
    }

    /** The head with what this changes of it, but for deletion. */
    ConversationHead applyTo(ConversationHead head, Instant now) {
        ConversationHead changed = status == null ? head : head.withStatus(status);
        if (pin != null) {
            changed = changed.withPin(pin);
        }
        if (muteSeconds != null) {
            changed = changed.withMutedUntil(muteSeconds == UNMUTED ? 0 : now.getEpochSecond() + muteSeconds);
        }
        return changed;
    }
}
