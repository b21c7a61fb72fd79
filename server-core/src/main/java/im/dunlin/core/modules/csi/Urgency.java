// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.csi;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.MessageTraits;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import org.jspecify.annotations.Nullable;

/** Which stanzas may wait until somebody looks at the client, and which of these make an earlier one pointless. */
final class Urgency {
    private static final String PUBSUB_EVENT = "http://jabber.org/protocol/pubsub#event";
    private static final Name EVENT = Name.of(PUBSUB_EVENT, "event");
    private static final Name ITEMS = Name.of(PUBSUB_EVENT, "items");
    private static final Name ITEM = Name.of(PUBSUB_EVENT, "item");
    private static final Name MUC_USER = Name.of(Ns.MUC_USER, "x");
    private static final Name STATUS = Name.of(Ns.MUC_USER, "status");
    private static final Name SENT = Name.of(Ns.CARBONS, "sent");
    private static final Name RECEIVED = Name.of(Ns.CARBONS, "received");
    private static final Name MESSAGE = Name.of(Ns.CLIENT, "message");

    /** XEP-0045 §7.2.2: the presence tells the client of itself. */
    private static final String SELF_PRESENCE = "110";

    private record PresenceOf(Jid sender) {}

    private record ChatStateOf(BareJid peer) {}

    private record ItemOf(Jid sender, String node, String item) {}

    /** A slot that only this stanza has. */
    private static final class Own {}

    private Urgency() {}

    /** What the stanza takes the place of while it waits, or null if it must not wait. */
    static @Nullable Object slot(Stanza stanza, BareJid account) {
        Jid from = stanza.from();
        if (from == null || stanza.isError()) {
            return null;
        }
        if (stanza instanceof Presence presence) {
            boolean news = presence.type() == Presence.Type.AVAILABLE || presence.type() == Presence.Type.UNAVAILABLE;
            return news && !isSelfPresence(presence) ? new PresenceOf(from) : null;
        }
        if (stanza instanceof Message message) {
            return from.equals(account) ? ofOwn(message) : of(message.traits(), message.payload(), from);
        }
        return null;
    }

    private static boolean isSelfPresence(Presence presence) {
        Element x = presence.payload().first(MUC_USER);
        return x != null && x.children(STATUS).stream().anyMatch(status -> SELF_PRESENCE.equals(status.attr("code")));
    }

    /** What the account itself sends: copies wait if what they copy would; its own events tell what other devices did. */
    private static @Nullable Object ofOwn(Message message) {
        Element received = message.payload().first(RECEIVED);
        Element copy = received != null ? received : message.payload().first(SENT);
        Element forwarded = copy == null ? null : copy.first(Forwarded.NAME);
        Element inner = forwarded == null ? null : forwarded.first(MESSAGE);
        if (inner == null) {
            return null;
        }
        Payload payload = Payload.of(inner.children());
        MessageTraits traits = Message.of(Header.EMPTY, Message.Type.parse(inner.attr("type")), payload)
                .traits();
        if (received == null && !traits.isChatStateOnly()) {
            // What was read or answered on another device takes a notification away on this one.
            return null;
        }
        Jid peer = inner.optionalJid(received == null ? "to" : "from");
        return peer == null ? null : of(traits, payload, peer);
    }

    private static @Nullable Object of(MessageTraits traits, Payload payload, Jid from) {
        if (traits.hasContent() || traits.isCall() || traits.isInvite() || traits.isRetraction()) {
            return null;
        }
        if (traits.isChatStateOnly()) {
            return new ChatStateOf(from.bare());
        }
        if (traits.isPubsubEvent()) {
            return ofEvent(payload, from);
        }
        return traits.isReceipt() || traits.isMarker() ? new Own() : null;
    }

    /** An item that is published again replaces itself; anything else that happens to a node is told each time. */
    private static Object ofEvent(Payload payload, Jid from) {
        Element event = payload.first(EVENT);
        Element items = event == null ? null : event.first(ITEMS);
        Element item = items == null || items.children().size() != 1 ? null : items.first(ITEM);
        String node = items == null ? null : items.attr("node");
        String id = item == null ? null : item.attr("id");
        return node == null || id == null ? new Own() : new ItemOf(from, node, id);
    }
}
