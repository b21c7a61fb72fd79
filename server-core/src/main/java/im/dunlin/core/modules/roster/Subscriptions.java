// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Way;
import im.dunlin.core.session.Allowance;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Handles presence of the four subscription types (RFC 6121 §3), on both sides of a subscription. */
final class Subscriptions {
    /** The session is available, so that it has been shown the requests that wait, and is shown new ones. */
    static final SessionKey<Boolean> SHOWN = new SessionKey<>("roster.shown");

    /** How many more requests it may send. */
    private static final SessionKey<Allowance> ALLOWANCE = new SessionKey<>("roster.allowance");

    private final int perMinute;
    private final Roster roster;
    private final RosterPush push;
    private final List<RosterView.SubscriberListener> listeners = new ArrayList<>();
    private final List<RosterView.Approver> approvers = new ArrayList<>();

    /** @param perMinute requests that one session may send */
    Subscriptions(Roster roster, RosterPush push, int perMinute) {
        this.perMinute = perMinute;
        this.roster = roster;
        this.push = push;
    }

    void follow(RosterView.SubscriberListener listener) {
        listeners.add(listener);
    }

    void approveBy(RosterView.Approver approver) {
        approvers.add(approver);
    }

    void added(BareJid contact, Turn turn) {
        listeners.forEach(listener -> listener.added(contact, turn));
    }

    void changed(BareJid contact, Turn turn) {
        listeners.forEach(listener -> listener.changed(contact, turn));
    }

    void leaving(BareJid contact, Turn turn) {
        listeners.forEach(listener -> listener.leaving(contact, turn));
    }

    Presence handle(Presence presence, Way way, Turn turn) {
        if (presence.type().isSubscription()) {
            if (way == Way.OUTBOUND) {
                outbound(presence, turn);
            } else {
                inbound(presence, turn);
            }
        }
        return presence;
    }

    // ---- the user acts
    // -----------------------------------------------------------------------------------------------

    private void outbound(Presence presence, Turn turn) {
        if (presence.to() == null) {
            throw StanzaError.badRequest("a subscription needs a contact").toException();
        }
        BareJid contact = presence.to().bare();
        if (contact.equals(turn.jid())) {
            throw StanzaError.notAllowed().toException();
        }
        if (presence.type() == Presence.Type.SUBSCRIBE) {
            spend(Objects.requireNonNull(turn.origin()), turn);
        }
        RosterItem item = roster.get(contact, turn);
        SubscriptionState before = roster.state(contact, item, turn);
        SubscriptionTable.Transition transition = SubscriptionTable.outbound(presence.type(), before);
        SubscriptionState after = transition.after();

        if (before.isFrom() && !after.isFrom()) {
            leaving(contact, turn);
        }
        if (transition.passes()) {
            turn.routeRecorded(stamped(presence, turn.jid(), contact));
        }
        if (before.isPendingIn() && !after.isPendingIn()) {
            roster.removeRequest(contact, turn);
        }
        RosterItem old = Objects.requireNonNullElse(item, RosterItem.NEW);
        save(contact, old, old.with(after, isApproved(presence.type(), before, old)), turn);
        if (!before.isFrom() && after.isFrom()) {
            added(contact, turn);
        }
    }

    void befriend(BareJid contact, Element word, Turn turn) {
        RosterItem item = Objects.requireNonNullElse(roster.get(contact, turn), RosterItem.NEW);
        SubscriptionState before = roster.state(contact, item, turn);
        turn.routeRecorded(
                Presence.of(new Header(contact, turn.jid(), null, null), Presence.Type.SUBSCRIBE, Payload.of(word)));
        SubscriptionState after =
                SubscriptionTable.outbound(Presence.Type.SUBSCRIBE, before).after();
        save(contact, item, item.with(after, true), turn);
    }

    private void spend(ClientSession session, Turn turn) {
        Allowance left = Allowance.spend(turn.get(session, ALLOWANCE), perMinute, perMinute, turn.now());
        if (left == null) {
            throw StanzaError.policyViolation("too many requests for subscription")
                    .toException();
        }
        turn.set(session, ALLOWANCE, left);
    }

    /** Approval of a request that is still to come, and its cancellation (§3.4). */
    private static boolean isApproved(Presence.Type type, SubscriptionState before, RosterItem old) {
        return switch (type) {
            case SUBSCRIBED -> old.approved() || !before.isFrom() && !before.isPendingIn();
            case UNSUBSCRIBED -> false;
            default -> old.approved();
        };
    }

    // ---- the contact acts
    // --------------------------------------------------------------------------------------------

    private void inbound(Presence presence, Turn turn) {
        BareJid contact = presence.from() == null ? turn.jid() : presence.from().bare();
        if (contact.equals(turn.jid())) {
            return;
        }
        RosterItem item = roster.get(contact, turn);
        SubscriptionState before = roster.state(contact, item, turn);
        SubscriptionTable.Transition transition = SubscriptionTable.inbound(presence.type(), before);
        if (presence.type() == Presence.Type.SUBSCRIBE) {
            inboundSubscribe(presence, contact, item, before, transition.after(), turn);
            return;
        }
        SubscriptionState after = transition.after();
        if (!transition.passes()) {
            return;
        }
        if (before.isFrom() && !after.isFrom()) {
            leaving(contact, turn);
        }
        if (before.isPendingIn() && !after.isPendingIn()) {
            roster.removeRequest(contact, turn);
        }
        Presence delivered = stamped(presence, contact, turn.jid());
        push.interested(turn).forEach(session -> turn.send(session, delivered));
        if (item != null) {
            save(contact, item, item.with(after, item.approved()), turn);
        }
    }

    private void inboundSubscribe(
            Presence presence,
            BareJid contact,
            @Nullable RosterItem item,
            SubscriptionState before,
            SubscriptionState after,
            Turn turn) {
        if (before.isFrom()) {
            // The contact's server has forgotten; the user has answered already (§3.1.3).
            turn.routeRecorded(Presence.of(Presence.Type.SUBSCRIBED, turn.jid(), contact));
            added(contact, turn);
            return;
        }
        if (item != null && item.approved()) {
            grant(contact, item, granted(after), turn);
            return;
        }
        if (approvers.stream().anyMatch(approver -> approver.approves(contact, presence, turn))) {
            SubscriptionState granted = granted(after);
            boolean asks = !granted.isTo() && !granted.isPendingOut();
            SubscriptionTable.Transition asking = SubscriptionTable.outbound(Presence.Type.SUBSCRIBE, granted);
            grant(contact, Objects.requireNonNullElse(item, RosterItem.NEW), asks ? asking.after() : granted, turn);
            if (asks) {
                turn.routeRecorded(Presence.of(Presence.Type.SUBSCRIBE, turn.jid(), contact));
            }
            return;
        }
        SubscriptionRequest request =
                new SubscriptionRequest(turn.stamp(), presence.lang(), SubscriptionRequest.bounded(presence.payload()));
        roster.addRequest(contact, request, turn);
        if (!before.isPendingIn()) {
            Presence shown = request.presence(contact, turn.jid());
            for (ClientSession session : turn.sessions()) {
                if (turn.get(session, SHOWN) != null) {
                    turn.send(session, shown);
                }
            }
        }
    }

    private static SubscriptionState granted(SubscriptionState asked) {
        return SubscriptionTable.outbound(Presence.Type.SUBSCRIBED, asked).after();
    }

    private void grant(BareJid contact, RosterItem item, SubscriptionState granted, Turn turn) {
        roster.removeRequest(contact, turn);
        save(contact, item, item.with(granted, item.approved()), turn);
        turn.routeRecorded(Presence.of(Presence.Type.SUBSCRIBED, turn.jid(), contact));
        added(contact, turn);
    }

    // ---- the user becomes available
    // ----------------------------------------------------------------------------------

    /** A session that becomes available is shown what waits for an answer (§3.1.3, also on each later login). */
    Presence show(Presence presence, Way way, Turn turn) {
        ClientSession session = turn.origin();
        if (way == Way.OUTBOUND && presence.to() == null && session != null) {
            if (presence.type() == Presence.Type.UNAVAILABLE) {
                turn.set(session, SHOWN, null);
            } else if (presence.type() == Presence.Type.AVAILABLE && turn.get(session, SHOWN) == null) {
                turn.set(session, SHOWN, true);
                if (roster.head(turn).requests() > 0) {
                    for (Row<BareJid, SubscriptionRequest> row : roster.requests(turn)) {
                        turn.send(session, row.value().presence(row.key(), turn.jid()));
                    }
                }
            }
        }
        return presence;
    }

    // ----------------------------------------------------------------------------------------------------------------

    private void save(BareJid contact, RosterItem before, RosterItem after, Turn turn) {
        if (!after.equals(before)) {
            RosterItem stored = roster.put(contact, after, turn);
            push.changed(contact, stored, turn);
        }
    }

    /** Subscriptions are between bare JIDs, and what they say is bounded (threat S20). */
    private static Presence stamped(Presence presence, BareJid from, BareJid to) {
        return Presence.of(
                new Header(to, from, presence.id(), presence.lang()),
                presence.type(),
                SubscriptionRequest.bounded(presence.payload()));
    }
}
