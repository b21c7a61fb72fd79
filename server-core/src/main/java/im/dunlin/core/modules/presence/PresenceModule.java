// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.presence;

import im.dunlin.core.config.Limits;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.PresenceStage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.blocking.BlockingView;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.session.Allowance;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaCodec;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.Values;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** RFC 6121 §4: presence that is broadcast, probed and directed. */
public final class PresenceModule implements PresenceView, RosterView.SubscriberListener, BlockingView.Listener {
    /** To how many addresses that are not subscribed a session may be present at a time: rooms, mostly. */
    static final int MAX_DIRECTED = 500;

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static final SessionKey<Presence> LAST = new SessionKey<>("presence.last");

    /** How often it may broadcast, and what waits because it did too often: of many, the newest. */
    private static final SessionKey<Allowance> ALLOWANCE = new SessionKey<>("presence.allowance");

    private static final SessionKey<Presence> NEXT = new SessionKey<>("presence.next");

    /** To whom the session sent available presence of their own (§4.6.3). */
    private static final SessionKey<Set<Jid>> DIRECTED = new SessionKey<>("presence.directed");

    private static final ValueCodec<Presence> PRESENCE =
            Values.versioned(1, StanzaCodec::write, in -> (Presence) StanzaCodec.read(in));
    private static final ValueCodec<Set<Jid>> ADDRESSES = Values.versioned(
            1,
            (out, addresses) -> out.list(addresses, (o, address) -> o.text(address.toString())),
            in -> Set.copyOf(in.list(item -> Jid.prepared(item.text()))));

    private final Limits.Rate rate;
    private final RosterView roster;
    private final BlockingView blocking;

    public PresenceModule(Setup setup) {
        rate = setup.config().limits().rate();
        roster = setup.require(RosterView.class);
        roster.follow(this);
        blocking = setup.require(BlockingView.class);
        blocking.follow(this);
        setup.provide(PresenceView.class, this)
                .keptAttribute(LAST, PRESENCE)
                .keptAttribute(DIRECTED, ADDRESSES)
                .presence(PresenceStage.HANDLE, this::handle)
                .sessionEnded((session, unacknowledged, turn) ->
                        leave(session, Presence.unavailable(session.jid(), null), turn));
    }

    @Override
    public @Nullable Presence last(ClientSession session, Turn turn) {
        return turn.get(session, LAST);
    }

    @Override
    public void revise(UnaryOperator<Presence> revision, Turn turn) {
        for (ClientSession session : available(turn)) {
            Presence waiting = turn.get(session, NEXT);
            Presence newest = waiting == null ? lastOf(session, turn) : waiting;
            Presence revised = newest.type() == Presence.Type.AVAILABLE ? revision.apply(newest) : newest;
            if (!revised.payload().equals(newest.payload())) {
                outbound(revised, session, turn);
            }
        }
    }

    private Presence handle(Presence presence, Way way, Turn turn) {
        if (!presence.type().isSubscription()) {
            if (way == Way.OUTBOUND) {
                outbound(presence, Objects.requireNonNull(turn.origin()), turn);
            } else {
                inbound(presence, turn);
            }
        }
        return presence;
    }

    // ---- from a session
    // ----------------------------------------------------------------------------------------------

    private void outbound(Presence presence, ClientSession session, Turn turn) {
        if (presence.to() != null) {
            direct(presence, presence.to(), session, turn);
            return;
        }
        if (presence.type() == Presence.Type.AVAILABLE) {
            checkPriority(presence);
        }
        Allowance left = Allowance.spend(
                turn.get(session, ALLOWANCE), rate.presencesBurst(), rate.presencesPerMinute(), turn.now());
        boolean waits = turn.get(session, NEXT) != null;
        if (left != null && !waits) {
            turn.set(session, ALLOWANCE, left);
            show(presence, session, turn);
        } else {
            turn.set(session, NEXT, presence);
            if (!waits) {
                turn.later(MINUTE.dividedBy(rate.presencesPerMinute()), later -> showNext(session, later));
            }
        }
    }

    /** The newest of the presences that came too fast (threat R09). */
    private void showNext(ClientSession session, Turn turn) {
        Presence next = turn.get(session, NEXT);
        if (next != null && turn.sessions().contains(session)) {
            turn.set(session, NEXT, null);
            turn.set(session, ALLOWANCE, Allowance.none(turn.now()));
            show(next, session, turn);
        }
    }

    private void show(Presence presence, ClientSession session, Turn turn) {
        if (presence.type() == Presence.Type.AVAILABLE) {
            broadcast(presence, session, turn);
        } else if (presence.type() == Presence.Type.UNAVAILABLE) {
            leave(session, presence, turn);
            turn.set(session, LAST, null);
            turn.set(session, DIRECTED, null);
        }
    }

    /** Initial presence (§4.2.2), and each that follows (§4.4.2). */
    private void broadcast(Presence presence, ClientSession session, Turn turn) {
        boolean initial = !isAvailable(session, turn);
        turn.set(session, LAST, presence);
        turn.routeToSessions(presence, unblocked(roster.subscribers(turn), turn));
        for (ClientSession own : available(turn)) {
            turn.send(own, presence.withTo(own.jid()));
            if (initial && own != session) {
                turn.send(session, lastOf(own, turn).withTo(session.jid()));
            }
        }
        if (initial) {
            // From the full JID, so that the answers come to this session only.
            turn.routeToSessions(
                    Presence.of(Presence.Type.PROBE, session.jid(), null), unblocked(roster.subscriptions(turn), turn));
        }
    }

    /** A priority that is none is refused before anybody sees it (§4.7.2.3). */
    @SuppressWarnings("ReturnValueIgnored")
    private static void checkPriority(Presence presence) {
        presence.priority();
    }

    /** A session is no longer available: whoever knew that it was is told (§4.5.2, §4.6.3). */
    private void leave(ClientSession session, Presence unavailable, Turn turn) {
        Set<BareJid> told = new HashSet<>();
        if (isAvailable(session, turn)) {
            told.addAll(unblocked(roster.subscribers(turn), turn));
            turn.routeToSessions(unavailable, told);
            for (ClientSession own : available(turn)) {
                if (own != session) {
                    turn.send(own, unavailable.withTo(own.jid()));
                }
            }
        }
        for (Jid to : directed(session, turn)) {
            if (!told.contains(to.bare())) {
                turn.route(unavailable.withTo(to));
            }
        }
    }

    private void direct(Presence presence, Jid to, ClientSession session, Turn turn) {
        Set<Jid> directed = new LinkedHashSet<>(directed(session, turn));
        if (presence.type() == Presence.Type.AVAILABLE && directed.add(to)) {
            if (directed.size() > MAX_DIRECTED) {
                throw StanzaError.policyViolation("directed presence to more than " + MAX_DIRECTED)
                        .toException();
            }
            turn.set(session, DIRECTED, Set.copyOf(directed));
        } else if (presence.type() == Presence.Type.UNAVAILABLE && directed.remove(to)) {
            turn.set(session, DIRECTED, directed.isEmpty() ? null : Set.copyOf(directed));
        }
        turn.route(presence);
    }

    private static Set<Jid> directed(ClientSession session, Turn turn) {
        return Objects.requireNonNullElse(turn.get(session, DIRECTED), Set.of());
    }

    // ---- to the account
    // ----------------------------------------------------------------------------------------------

    private void inbound(Presence presence, Turn turn) {
        if (turn.sessions().isEmpty() || presence.from() == null) {
            return;
        }
        if (presence.type() == Presence.Type.PROBE) {
            answer(presence, presence.from(), turn);
        } else if (presence.to() instanceof FullJid full) {
            ClientSession session = turn.session(full.resource());
            if (session != null) {
                if (presence.isError() && isRefusedForGood(StanzaError.of(presence))) {
                    forget(presence.from(), session, turn);
                }
                turn.send(session, presence);
            }
        } else if (!presence.isError()) {
            available(turn).forEach(session -> turn.send(session, presence));
        }
    }

    /**
     * Answers a probe (§4.3.2). Whoever may not know hears nothing, as from an account that does not exist or is not available
     * (threat S14).
     */
    private void answer(Presence probe, Jid prober, Turn turn) {
        List<ClientSession> asked = new ArrayList<>(available(turn));
        if (probe.to() instanceof FullJid full) {
            asked.removeIf(session -> !session.jid().equals(full));
        }
        if (!asked.isEmpty() && roster.sendsPresenceTo(prober.bare(), turn)) {
            asked.forEach(session -> turn.route(lastOf(session, turn).withTo(prober)));
        }
    }

    /** A room that refuses how somebody shows itself has it there as before, and must hear when it goes. */
    private static boolean isRefusedForGood(StanzaError error) {
        return error.type() == StanzaError.Type.CANCEL || error.type() == StanzaError.Type.AUTH;
    }

    /** Who answers presence with an error is sent no more of it. */
    private static void forget(Jid from, ClientSession session, Turn turn) {
        Set<Jid> directed = new LinkedHashSet<>(directed(session, turn));
        if (directed.remove(from)) {
            turn.set(session, DIRECTED, directed.isEmpty() ? null : Set.copyOf(directed));
        }
    }

    private Presence lastOf(ClientSession session, Turn turn) {
        return Objects.requireNonNull(last(session, turn));
    }

    // ---- subscriptions change
    // ----------------------------------------------------------------------------------------

    @Override
    public void added(BareJid subscriber, Turn turn) {
        available(turn).forEach(session -> turn.route(lastOf(session, turn).withTo(subscriber)));
    }

    @Override
    public void leaving(BareJid subscriber, Turn turn) {
        available(turn).forEach(session -> turn.route(Presence.unavailable(session.jid(), subscriber)));
    }

    // ---- who is blocked
    // ----------------------------------------------------------------------------------------------

    private List<BareJid> unblocked(List<BareJid> contacts, Turn turn) {
        return blocking.hasBlocked(turn)
                ? contacts.stream()
                        .filter(contact -> !blocking.isBlocked(contact, turn))
                        .toList()
                : contacts;
    }

    @Override
    public void blocked(Set<Jid> jids, Turn turn) {
        for (Jid to : BlockingView.reached(jids, roster.subscribers(turn))) {
            available(turn).forEach(session -> turn.route(Presence.unavailable(session.jid(), to)));
        }
    }

    @Override
    public void unblocked(Set<Jid> jids, Turn turn) {
        for (Jid to : BlockingView.reached(jids, unblocked(roster.subscribers(turn), turn))) {
            available(turn).forEach(session -> turn.route(lastOf(session, turn).withTo(to)));
        }
        // What they were meanwhile was not heard.
        for (Jid to : BlockingView.reached(jids, unblocked(roster.subscriptions(turn), turn))) {
            available(turn).forEach(session -> turn.route(Presence.of(Presence.Type.PROBE, session.jid(), to.bare())));
        }
    }
}
