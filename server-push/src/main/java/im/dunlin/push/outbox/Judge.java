// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.session.Allowance;
import im.dunlin.core.session.ClientSession;
import im.dunlin.push.payload.Notice;
import im.dunlin.push.policy.Decision;
import im.dunlin.push.policy.Event;
import im.dunlin.push.policy.Notify;
import im.dunlin.push.policy.PushPolicy;
import im.dunlin.push.registration.Registration;
import im.dunlin.sync.calls.Call;
import im.dunlin.sync.calls.CallLedger;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Asks the policy about what is to be pushed, with what is known at the moment; when it happens, and again when it is sent. */
final class Judge {
    /** Calls that are remembered of one account, to tell who calls too often. */
    private static final int MOST_CALLS = 100;

    private static final CacheKey<Calls> CALLS = new CacheKey<>("push.calls");

    /** Devices of a host that calls of one other server wake in a minute. */
    static final int CALLS_OF_A_SERVER = 100;

    /** Other servers of which it is remembered how many they woke. */
    private static final int MOST_SERVERS = 10_000;

    private final PushPolicy policy = new PushPolicy(Circumstances.MESSAGE_ACK, Circumstances.CALL_ACK);
    private final Circumstances circumstances;
    private final RosterView roster;
    private final ConversationLog log;
    private final CallLedger ledger;
    private final Shown shown;
    private final Set<String> hosts;

    /** Of all accounts; any thread. */
    private final Map<String, Allowance> loud = Collections.synchronizedMap(new LinkedHashMap<>(4, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Allowance> eldest) {
            return size() > MOST_SERVERS;
        }
    });

    Judge(
            Circumstances circumstances,
            RosterView roster,
            ConversationLog log,
            CallLedger ledger,
            Shown shown,
            Set<String> hosts) {
        this.circumstances = circumstances;
        this.roster = roster;
        this.log = log;
        this.ledger = ledger;
        this.shown = shown;
        this.hosts = hosts;
    }

    /** @param isSent the device was woken for this call, or is about to be */
    Decision decide(Registration registration, Place place, Pending pending, boolean isSent, Turn turn) {
        return switch (place.matter()) {
            case MESSAGE -> message(registration, place, pending, turn);
            case CALL -> call(registration, place, pending, isSent, turn);
            case CALL_END -> decideEnd(registration, place, pending, false, turn);
            case READ -> read(registration, place, pending, turn);
        };
    }

    private Decision message(Registration registration, Place place, Pending pending, Turn turn) {
        BareJid peer = BareJid.of(place.name());
        boolean isGroup = pending.kind() == Notice.Message.Kind.GROUP;
        boolean isMuted = false;
        boolean isRead = false;
        // The kinds of rooms are many, and most are public; where the archive has the messages, the user is a member.
        Notify usual = isGroup && registration.wishes().filters().rooms() == null ? Notify.ON_MENTION : Notify.ALWAYS;
        if (pending.archiveId() != 0) {
            LogEntry entry = log.entry(turn, pending.archiveId());
            if (entry == null || !entry.isKept()) {
                return decide(new Event.Quiet(), registration, place, peer, usual, false, turn);
            }
            ConversationHead head = log.head(turn, entry.key(turn.jid()));
            isMuted = head != null && head.isMuted(turn.now());
            isRead = head != null && head.positions().read() >= pending.archiveId();
            usual = Notify.ALWAYS;
        }
        boolean isAnswered = pending.kind() == Notice.Message.Kind.SUBSCRIPTION
                && roster.request(peer, turn.jid(), turn.owner().key(), turn.reader()) == null;
        if (isAnswered) {
            return decide(new Event.Quiet(), registration, place, peer, usual, false, turn);
        }
        boolean isStranger = !isGroup && circumstances.isStranger(peer, turn);
        Event.Message message = new Event.Message(peer, isGroup, pending.isMention(), isStranger, isRead);
        boolean isEdit = pending.kind() == Notice.Message.Kind.EDIT;
        Event event = isEdit
                ? new Event.Edit(
                        message, shown.isShownLately(registration, ArchiveId.format(pending.archiveId()), turn))
                : message;
        return decide(event, registration, place, peer, usual, isMuted, turn);
    }

    private Decision read(Registration registration, Place place, Pending pending, Turn turn) {
        boolean wasPushed = pending.details().stream().anyMatch(id -> shown.isShown(registration, id, turn));
        Event event = new Event.Read(wasPushed, Shown.takesAway(registration));
        return decide(event, registration, place, BareJid.of(place.name()), Notify.ALWAYS, false, turn);
    }

    /** Of a reaction to what is there. */
    Decision decideReaction(Registration registration, Place place, Turn turn) {
        BareJid peer = BareJid.of(place.name());
        return decide(new Event.Reaction(), registration, place, peer, Notify.ALWAYS, false, turn);
    }

    private Decision call(Registration registration, Place place, Pending pending, boolean isSent, Turn turn) {
        Call call = ledger.find(turn, place.name());
        if (call == null || !call.isOffer() || !call.isLiveAt(turn.now())) {
            BareJid peer = call == null ? turn.jid() : call.peer();
            return decide(new Event.Quiet(), registration, place, peer, Notify.ALWAYS, false, turn);
        }
        // The device that is in the other call, or calls the same peer at this moment, has had the time to take this
        // one.
        boolean hadTime = !pending.createdAt().plus(PushPolicy.CONTINUED).isAfter(turn.now());
        Calls calls = calls(turn);
        Event event = new Event.Call(
                call.peer(),
                circumstances.isStranger(call.peer(), turn),
                !hadTime && (call.continues() != null || isTie(call, turn)),
                isSent,
                calls.within(Duration.ofMinutes(1), call, turn.now()),
                calls.within(Duration.ofHours(1), call, turn.now()),
                isOfFlood(call, turn));
        return decide(event, registration, place, call.peer(), Notify.ALWAYS, false, turn);
    }

    /** Whether a device of the account that is there calls the peer as well (XEP-0353 §4.1). */
    private boolean isTie(Call call, Turn turn) {
        return ledger.live(turn).stream().anyMatch(other -> {
            FullJid device = other.device();
            ClientSession session = device == null ? null : turn.session(device.resource());
            return other.isOutgoing()
                    && other.isOffer()
                    && other.peer().equals(call.peer())
                    && session != null
                    && session.outbound().isAttached();
        });
    }

    /** @param isOwnDoing this device answered or declined */
    Decision decideEnd(Registration registration, Place place, Pending pending, boolean isOwnDoing, Turn turn) {
        Call call = ledger.find(turn, place.name());
        Notice.CallEnd.Reason reason = pending.ended();
        boolean isMissed = reason == Notice.CallEnd.Reason.RETRACT || reason == Notice.CallEnd.Reason.TIMEOUT;
        Event event = call == null ? new Event.Quiet() : new Event.CallEnd(isMissed, pending.rang(), isOwnDoing);
        BareJid peer = call == null ? turn.jid() : call.peer();
        return decide(event, registration, place, peer, Notify.ALWAYS, false, turn);
    }

    private Decision decide(
            Event event,
            Registration registration,
            Place place,
            BareJid peer,
            Notify usual,
            boolean isMuted,
            Turn turn) {
        return policy.decide(event, circumstances.of(registration, place, peer, usual, isMuted, turn));
    }

    // ---- who calls too often
    // -----------------------------------------------------------------------------------------

    /** A device is woken for the call. */
    void rings(String sid, Turn turn) {
        Call call = ledger.find(turn, sid);
        if (call != null) {
            String link = link(call, turn);
            Allowance left = Allowance.spend(loud.get(link), CALLS_OF_A_SERVER, CALLS_OF_A_SERVER, turn.now());
            if (isElsewhere(call) && left != null) {
                loud.put(link, left);
            }
            calls(turn).times.putIfAbsent(sid, new Ring(call.peer(), turn.now()));
        }
    }

    private boolean isOfFlood(Call call, Turn turn) {
        return isElsewhere(call)
                && Allowance.spend(loud.get(link(call, turn)), CALLS_OF_A_SERVER, CALLS_OF_A_SERVER, turn.now())
                        == null;
    }

    private boolean isElsewhere(Call call) {
        return !hosts.contains(call.peer().domain());
    }

    /** Two servers between which calls go. */
    private static String link(Call call, Turn turn) {
        return call.peer().domain() + " " + turn.jid().domain();
    }

    private static Calls calls(Turn turn) {
        return turn.cached(CALLS, Calls::new);
    }

    private record Ring(BareJid peer, Instant at) {}

    /** Calls for which devices were woken. What a restart forgets lets a few more ring. */
    private static final class Calls {
        private final Map<String, Ring> times = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Ring> eldest) {
                return size() > MOST_CALLS;
            }
        };

        private int within(Duration time, Call other, Instant now) {
            int count = 0;
            for (Map.Entry<String, Ring> each : times.entrySet()) {
                Ring ring = each.getValue();
                boolean counts = ring.peer().equals(other.peer())
                        && !each.getKey().equals(other.sid())
                        && ring.at().plus(time).isAfter(now);
                count += counts ? 1 : 0;
            }
            return count;
        }
    }
}
