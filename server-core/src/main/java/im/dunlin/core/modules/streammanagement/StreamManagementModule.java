// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.streammanagement;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.carbons.CarbonsView;
import im.dunlin.core.modules.presence.PresenceView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * XEP-0198: Stream Management, the part that is left when a session ends: what its client never acknowledged is treated as sent
 * to a resource that is gone (§4). The archive has most of it, and takes care of that itself.
 */
public final class StreamManagementModule {
    private final CarbonsView carbons;
    private final PresenceView presence;

    public StreamManagementModule(Setup setup) {
        carbons = setup.require(CarbonsView.class);
        presence = setup.require(PresenceView.class);
        setup.implementing(198, "1.6.3").sessionEnded(this::ended);
    }

    private void ended(ClientSession session, List<Stanza> unacknowledged, Turn turn) {
        Set<BareJid> rooms = new HashSet<>();
        for (Stanza stanza : unacknowledged) {
            if (stanza.from() == null || stanza.isAnswer()) {
                continue;
            }
            if (stanza instanceof Iq) {
                refuse(stanza, turn);
            } else if (stanza instanceof Message message) {
                ended(message, rooms, turn);
            }
        }
    }

    private void ended(Message message, Set<BareJid> rooms, Turn turn) {
        Jid from = message.from();
        switch (message.type()) {
            case GROUPCHAT -> {
                // One refusal tells the room that this occupant is gone.
                if (from != null && rooms.add(from.bare())) {
                    refuse(message, turn);
                }
            }
            case CHAT, NORMAL -> {
                if (!isArchived(message, turn.jid()) && isWorthMore(message) && !isSeenElsewhere(message, turn)) {
                    // The rules find another session for it, or refuse it.
                    Delay delay =
                            new Delay(turn.now(), BareJid.ofDomain(turn.jid().domain()));
                    turn.route(message.withTo(turn.jid()).adding(delay.element()));
                }
            }
            case HEADLINE, ERROR -> {}
        }
    }

    private static void refuse(Stanza stanza, Turn turn) {
        turn.route(stanza.error(StanzaError.serviceUnavailable()));
    }

    /** The account's archive has given it an id: it is not lost, and whoever comes fetches it. */
    private static boolean isArchived(Message message, BareJid account) {
        return message.additions().stream()
                .filter(addition -> addition.is(StanzaId.NAME))
                .map(StanzaId::parse)
                .anyMatch(id -> id != null && id.by().equals(account));
    }

    private static boolean isWorthMore(Message message) {
        return !message.traits().isWrapper()
                && !message.traits().isPubsubEvent()
                && (message.traits().hasContent() || message.traits().isCall());
    }

    /** Whether another device of the account was given it or its copy when it came. */
    private boolean isSeenElsewhere(Message message, Turn turn) {
        boolean addressed = message.to() instanceof FullJid;
        boolean copied = !message.traits().forbidsCopy();
        return turn.sessions().stream()
                .filter(other -> presence.isAvailable(other, turn))
                .anyMatch(other -> !addressed || copied && carbons.isEnabled(other, turn));
    }
}
