// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Of whom a device does not want to hear, as its client listed it with the registration.
 *
 * @param muted nothing of these wakes it
 * @param ignoresStrangers nothing of senders who are not in the roster does
 * @param rooms null if the client said nothing of rooms; otherwise a room that is not listed does not wake it
 * @param mentions of these, mentions alone wake it
 */
public record Filters(
        Set<BareJid> muted,
        boolean ignoresStrangers,
        @Nullable Map<BareJid, Room> rooms,
        Set<BareJid> mentions) {
    static final Filters NONE = new Filters(Set.of(), false, null, Set.of());

    /** JIDs and rooms that one client may list. */
    static final int MAX_ITEMS = 1_000;

    private static final Name MUTED = Name.of(PushNames.MUTED, "muted");
    private static final Name ITEM = Name.of(PushNames.MUTED, "item");
    private static final Name IGNORE_UNKNOWN = Name.of(PushNames.IGNORE_UNKNOWN, "ignore-unknown");
    private static final Name GROUPCHAT = Name.of(PushNames.GROUPCHAT, "groupchat");
    private static final Name FILTER = Name.of(PushNames.PUSH2, "filter");
    private static final Name ROOM = Name.of(PushNames.GROUPCHAT, "room");

    /** What of a room wakes a device. */
    public enum Allow {
        ALWAYS,
        MENTIONED,
        NEVER
    }

    /** @param nick of the user in the room, if the client told */
    public record Room(Allow allow, @Nullable String nick) {}

    static Filters of(List<Element> extensions) {
        Set<BareJid> muted = new HashSet<>();
        boolean strangers = false;
        Map<BareJid, Room> rooms = null;
        Set<BareJid> mentions = new HashSet<>();
        for (Element extension : extensions) {
            if (extension.is(MUTED)) {
                extension.children(ITEM).forEach(item -> muted.add(jid(item)));
            } else if (extension.is(Push2Match.MATCH)) {
                // Of whom nothing is wanted, and of whom answers and mentions are; these are one for the policy.
                extension.children(FILTER).forEach(filter -> (filter.isEmpty() ? muted : mentions).add(jid(filter)));
            } else if (extension.is(IGNORE_UNKNOWN)) {
                strangers = true;
            } else if (extension.is(GROUPCHAT)) {
                rooms = rooms == null ? new HashMap<>() : rooms;
                for (Element room : extension.children(ROOM)) {
                    rooms.put(jid(room), new Room(allow(room), room.attr("nick")));
                }
            }
        }
        if (muted.size() + mentions.size() > MAX_ITEMS || rooms != null && rooms.size() > MAX_ITEMS) {
            throw StanzaError.policyViolation("more than " + MAX_ITEMS + " addresses in a filter")
                    .toException();
        }
        return new Filters(
                Set.copyOf(muted), strangers, rooms == null ? null : Map.copyOf(rooms), Set.copyOf(mentions));
    }

    private static BareJid jid(Element item) {
        Jid jid = item.optionalJid("jid");
        if (jid == null) {
            throw StanzaError.badRequest("a filter without jid").toException();
        }
        return jid.bare();
    }

    private static Allow allow(Element room) {
        return switch (String.valueOf(room.attr("allow"))) {
            case "always" -> Allow.ALWAYS;
            case "mentioned" -> Allow.MENTIONED;
            case "never" -> Allow.NEVER;
            default ->
                throw StanzaError.badRequest("allow is always, mentioned or never")
                        .toException();
        };
    }
}
