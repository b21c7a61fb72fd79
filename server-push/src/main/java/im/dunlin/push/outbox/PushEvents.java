// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Message;
import im.dunlin.push.app.Apps;
import im.dunlin.push.payload.Notice;
import im.dunlin.push.payload.Sequence;
import im.dunlin.push.policy.Decision;
import im.dunlin.push.policy.DeviceState;
import im.dunlin.push.policy.Situation;
import im.dunlin.push.registration.Devices;
import im.dunlin.push.registration.Registration;
import im.dunlin.push.registration.Registrations;
import im.dunlin.sync.calls.Call;
import im.dunlin.sync.calls.CallLedger;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ChangeObserver.Cause;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogTables;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Learns what happens to accounts that have registrations, and keeps for each of them what its device is to be woken for, in the
 * batch of the event itself. Accounts without registrations cost one look at a set in memory.
 */
public final class PushEvents {
    /** A contact who asks again and again wakes nobody more than once in this time. */
    private static final Duration ASKED_AGAIN = Duration.ofHours(1);

    private static final int MOST_ASKING = 100;

    private static final CacheKey<Map<BareJid, Instant>> ASKED = new CacheKey<>("push.asked");

    /** The connection is gone, and what else happens within a second becomes part of it. */
    private static final Decision GATHERED =
            new Decision(Decision.Kind.MESSAGE, Decision.Reason.AWAY, Dispatcher.GATHERED);

    /** Somebody looks again whether the session has acknowledged what is watched. */
    private static final SessionKey<Boolean> LOOKING = new SessionKey<>("push.looking");

    private final Registrations registrations;
    private final ConversationLog log;
    private final Circumstances circumstances;
    private final Judge judge;
    private final Dispatcher dispatcher;
    private final History history;
    private final Shown shown;
    private final Function<String, Duration> hibernation;

    /**
     * @param apps whose devices the server reaches by itself
     * @param strangers what their calls do at a domain
     * @param hibernation how long sessions of devices that can be woken wait there
     */
    public PushEvents(
            Setup setup,
            Registrations registrations,
            Apps apps,
            Function<String, Situation.StrangersCalls> strangers,
            Function<String, Duration> hibernation) {
        this.hibernation = hibernation;
        this.registrations = registrations;
        log = setup.require(ConversationLog.class);
        CallLedger ledger = setup.require(CallLedger.class);
        Activity activity = new Activity(registrations);
        circumstances = new Circumstances(setup, activity, strangers);
        history = new History(setup);
        shown = new Shown(log, history);
        judge = new Judge(
                circumstances,
                setup.require(RosterView.class),
                log,
                ledger,
                shown,
                setup.config().hosts().keySet());
        Sequence sequence = new Sequence(setup);
        WayOut services = new RemoteServices(setup, registrations, sequence);
        WayOut devices = new OwnDevices(setup, registrations, sequence, apps);
        WayOut both =
                (registration, notice, id, turn, then) -> (registration.wishes().direct() == null ? services : devices)
                        .send(registration, notice, id, turn, then);
        dispatcher = new Dispatcher(setup, registrations, judge, new Notices(log, ledger), both, history);
        new TestPushes(setup, registrations, both);
        ledger.observe(this::changed);
        log.observe(this::positioned);
        log.observeRewrites(this::rewritten);
        setup.require(RosterView.class).follow(new Requests());
        setup.message(Stage.COPY, activity::note)
                .message(Stage.NOTIFY, this::notify)
                .sessionDetached(this::detached)
                .sessionEnded((session, unacknowledged, turn) -> gone(session, turn))
                .sessionBound(this::came)
                .sessionResumed(this::came)
                .provide(PushRecords.class, dispatcher.records(apps));
    }

    // ---- messages
    // ----------------------------------------------------------------------------------------------------

    private Verdict notify(Passage passage, Turn turn) {
        if (registrations.mayHave(turn) && !passage.peer().equals(turn.jid())) {
            Notice.Message.Kind kind = Content.kind(passage.message(), passage.traits());
            if (kind != null) {
                message(passage, kind, turn);
            } else if (passage.traits().isReaction()) {
                reaction(passage, turn);
            }
        }
        return Verdict.PASS;
    }

    private void message(Passage passage, Notice.Message.Kind found, Turn turn) {
        Message message = passage.message();
        BareJid peer = passage.peer();
        Long archived = ArchiveId.parse(passage.archiveId());
        LogEntry entry = archived == null ? null : log.entry(turn, archived);
        boolean isGroup = found == Notice.Message.Kind.GROUP
                || found == Notice.Message.Kind.CHAT
                        && entry != null
                        && entry.type().isGroup();
        ConversationHead head = entry == null ? null : log.head(turn, entry.key(turn.jid()));
        boolean isMarked = archived != null && head != null && head.unreadMention() == archived;
        boolean isOfRoom = message.type() == Message.Type.GROUPCHAT;
        for (Registration registration : usable(turn)) {
            if (isOfRoom && !isFor(registration, passage.deliveredTo(), turn)) {
                continue;
            }
            String nick = isOfRoom ? circumstances.nick(registration, peer, turn) : null;
            boolean isMention = isMarked || Content.isMention(message, turn.jid(), nick);
            Notice.Message.Kind kind = isGroup ? Notice.Message.Kind.GROUP : found;
            Pending pending = Pending.message(kind, archived == null ? 0 : archived, isMention, turn.now());
            happened(registration, Place.message(registration.number(), peer.toString()), pending, turn);
        }
    }

    /** What a room sends is for the one device that is in it. */
    private static boolean isFor(Registration registration, List<ClientSession> sessions, Turn turn) {
        return sessions.stream().anyMatch(session -> Devices.of(session, turn).equals(registration.device()));
    }

    private List<Registration> usable(Turn turn) {
        return registrations.of(turn).stream()
                .filter(registration -> registration.health().isUsable(turn.now()))
                .toList();
    }

    private void happened(Registration registration, Place place, Pending pending, Turn turn) {
        Decision decision = judge.decide(registration, place, pending, false, turn);
        if (decision.wakes() || decision.isPostponed()) {
            dispatcher.keep(registration, place, pending, decision, turn);
        } else if (decision.isOpen()) {
            watch(registration, place, pending, turn);
        } else {
            history.note(
                    registration,
                    place,
                    pending,
                    "not pushed: " + decision.reason().text(),
                    turn);
        }
    }

    private void reaction(Passage passage, Turn turn) {
        Long archived = ArchiveId.parse(passage.archiveId());
        if (archived == null) {
            return;
        }
        for (Registration registration : usable(turn)) {
            Place place = Place.message(registration.number(), passage.peer().toString());
            Pending pending = Pending.message(Notice.Message.Kind.CHAT, archived, false, turn.now());
            unlessThere(registration, place, pending, judge.decideReaction(registration, place, turn), turn);
        }
    }

    // ---- what is shown already
    // ---------------------------------------------------------------------------------------

    /** The account may have read something elsewhere. */
    private void positioned(Turn turn, ConversationKey key, ConversationHead head, Cause cause) {
        boolean isRead = cause == Cause.POSITION || cause == Cause.READ || cause == Cause.MESSAGE && head.unread() == 0;
        if (isRead && registrations.mayHave(turn)) {
            for (Registration registration : usable(turn)) {
                if (Shown.takesAway(registration)) {
                    outdated(
                            registration,
                            key.peer(),
                            shown.read(registration, key, head, turn),
                            "read elsewhere",
                            turn);
                }
            }
        }
    }

    private void rewritten(Turn turn, long version, LogTables.Rewrite rewrite, @Nullable LogEntry entry) {
        if (entry == null || entry.isOwn(turn.jid()) || !registrations.mayHave(turn)) {
            return;
        }
        BareJid peer = rewrite.conversation().peer();
        String id = ArchiveId.format(rewrite.entry());
        for (Registration registration : usable(turn)) {
            if (rewrite.kind() == LogTables.Rewrite.Kind.REPLACED) {
                edited(registration, peer, rewrite.entry(), entry, turn);
            } else if (shown.isShown(registration, id, turn)) {
                outdated(registration, peer, List.of(id), "taken back", turn);
            }
        }
    }

    private void outdated(Registration registration, BareJid peer, List<String> ids, String why, Turn turn) {
        if (ids.isEmpty()) {
            return;
        }
        Place place = Place.read(registration.number(), peer.toString());
        Pending pending = Pending.read(ids, turn.now());
        Decision decision = judge.decide(registration, place, pending, false, turn);
        if (decision.wakes()) {
            dispatcher.keep(registration, place, pending, decision, turn);
        }
        String what = decision.wakes() ? ", to be taken away: " : ", not to be taken away: ";
        history.note(registration, ids, why + what + decision.reason().text(), turn);
    }

    /** An edit of what waits to be pushed is pushed with it. */
    private void edited(Registration registration, BareJid peer, long id, LogEntry entry, Turn turn) {
        Place place = Place.message(registration.number(), peer.toString());
        if (!dispatcher.knows(place, turn)) {
            boolean isMention = Content.isMention(entry.message(), turn.jid(), null);
            Pending pending = Pending.message(Notice.Message.Kind.EDIT, id, isMention, turn.now());
            Decision decision = judge.decide(registration, place, pending, false, turn);
            if (decision.wakes()) {
                dispatcher.keep(registration, place, pending, decision, turn);
            } else {
                unlessThere(registration, place, pending, decision, turn);
            }
        }
    }

    /** Of devices that are there nothing is written down. */
    private void unlessThere(Registration registration, Place place, Pending pending, Decision decision, Turn turn) {
        if (circumstances.state(registration, place, turn).compareTo(DeviceState.LATE) >= 0) {
            history.note(
                    registration,
                    place,
                    pending,
                    "not pushed: " + decision.reason().text(),
                    turn);
        }
    }

    // ---- people who ask
    // ----------------------------------------------------------------------------------------------

    private final class Requests implements RosterView.RequestListener {
        @Override
        public void asked(BareJid contact, long stamp, Turn turn) {
            if (registrations.mayHave(turn) && !askedLately(contact, turn)) {
                Pending pending = Pending.message(Notice.Message.Kind.SUBSCRIPTION, 0, false, turn.now());
                for (Registration registration : usable(turn)) {
                    Place place = Place.message(registration.number(), contact.toString());
                    happened(registration, place, pending, turn);
                }
            }
        }

        @Override
        public void answered(BareJid contact, Turn turn) {
            // It is decided again before it is sent.
        }
    }

    private static boolean askedLately(BareJid contact, Turn turn) {
        Map<BareJid, Instant> asked = turn.cached(ASKED, () -> new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<BareJid, Instant> eldest) {
                return size() > MOST_ASKING;
            }
        });
        Instant last = asked.get(contact);
        if (last != null && last.plus(ASKED_AGAIN).isAfter(turn.now())) {
            return true;
        }
        asked.put(contact, turn.now());
        return false;
    }

    // ---- calls
    // -------------------------------------------------------------------------------------------------------

    private void changed(@Nullable Call before, Call now, @Nullable Passage told, Turn turn) {
        if (now.isOutgoing() || !registrations.mayHave(turn)) {
            return;
        }
        if (now.isOffer()) {
            if (before == null) {
                usable(turn).forEach(registration -> offered(registration, now, turn));
            }
        } else if (before == null || before.isOffer()) {
            registrations.of(turn).forEach(registration -> ended(registration, before, now, told, turn));
        }
    }

    private void offered(Registration registration, Call call, Turn turn) {
        Place place = Place.call(registration.number(), call.sid());
        Pending pending = Pending.call(turn.now());
        Decision decision = judge.decide(registration, place, pending, dispatcher.knows(place, turn), turn);
        if (decision.isOpen()) {
            boolean isWatched = watch(registration, place, null, turn);
            if (!isWatched && decision.reason() == Decision.Reason.CONNECTED) {
                return;
            }
        }
        if (decision.wakes() || decision.isOpen()) {
            dispatcher.keep(registration, place, pending, decision, turn);
        } else {
            history.note(
                    registration,
                    place,
                    pending,
                    "not pushed: " + decision.reason().text(),
                    turn);
        }
    }

    private void ended(Registration registration, @Nullable Call before, Call now, @Nullable Passage told, Turn turn) {
        boolean rang = dispatcher.takeBack(Place.call(registration.number(), now.sid()), turn);
        if (!registration.health().isUsable(turn.now())) {
            return;
        }
        ClientSession speaker = told != null && told.way() == Way.OUTBOUND ? turn.origin() : null;
        boolean isOwnDoing = speaker != null && Devices.of(speaker, turn).equals(registration.device());
        Place place = Place.callEnd(registration.number(), now.sid());
        Pending pending = Pending.callEnd(reason(now), rang, before == null ? List.of() : before.media(), turn.now());
        Decision decision = judge.decideEnd(registration, place, pending, isOwnDoing, turn);
        if (decision.wakes()) {
            dispatcher.keep(registration, place, pending, decision, turn);
        } else {
            history.note(
                    registration,
                    place,
                    pending,
                    "its end is not pushed: " + decision.reason().text(),
                    turn);
        }
    }

    private static Notice.CallEnd.Reason reason(Call call) {
        Call.Reason reason = call.reason();
        if (reason == null) {
            return Notice.CallEnd.Reason.ELSEWHERE;
        }
        return switch (reason) {
            case REJECTED, BLOCKED -> Notice.CallEnd.Reason.REJECT;
            case RETRACTED -> Notice.CallEnd.Reason.RETRACT;
            case TIMEOUT -> Notice.CallEnd.Reason.TIMEOUT;
            case FINISHED, MIGRATED, TIE_BREAK, LOST -> Notice.CallEnd.Reason.FINISH;
        };
    }

    // ---- devices that may be away without anybody knowing
    // ------------------------------------------------------------

    /** Waits whether the device acknowledges what it is sent. @return false if it cannot be known */
    private boolean watch(Registration registration, Place place, @Nullable Pending pending, Turn turn) {
        ClientSession session = Devices.session(registration.device(), turn);
        if (session == null
                || !session.outbound().isAttached()
                || !session.outbound().isManaged()) {
            return false;
        }
        Watch watch = turn.get(session, Watch.KEY);
        if (watch == null) {
            watch = new Watch();
            turn.set(session, Watch.KEY, watch);
        }
        Watch.Sent sent = watch.add(place, pending, session.outbound(), turn.now());
        if (sent != null) {
            turn.afterwards(() -> sent.left(session.outbound()));
        }
        if (pending != null && turn.get(session, LOOKING) == null) {
            look(session, Circumstances.MESSAGE_ACK, turn);
        }
        return true;
    }

    private void look(ClientSession session, Duration after, Turn turn) {
        turn.set(session, LOOKING, true);
        turn.later(after, later -> {
            Watch watch = later.get(session, Watch.KEY);
            later.set(session, LOOKING, null);
            if (watch == null || !later.exists() || !later.sessions().contains(session)) {
                return;
            }
            keep(
                    watch.take(Circumstances.MESSAGE_ACK, session, later.now()),
                    Decision.atOnce(Decision.Kind.MESSAGE, Decision.Reason.UNACKNOWLEDGED),
                    later);
            Instant oldest = watch.oldest();
            if (oldest != null) {
                look(session, Duration.between(later.now(), oldest.plus(Circumstances.MESSAGE_ACK)), later);
            }
        });
    }

    private void keep(List<Watch.Sent> late, Decision why, Turn turn) {
        for (Watch.Sent sent : late) {
            Registration registration = registrations.find(sent.place().registration(), turn);
            if (registration != null) {
                dispatcher.keep(registration, sent.place(), sent.becomesRow(), why, turn);
            }
        }
    }

    private void came(ClientSession session, Turn turn) {
        if (turn.get(session, Watch.KEY) != null) {
            turn.set(session, Watch.KEY, null);
        }
        if (registrations.mayHave(turn)) {
            String device = Devices.of(session, turn);
            history.came(
                    registrations.of(turn).stream()
                            .filter(registration -> registration.device().equals(device))
                            .toList(),
                    turn);
        }
    }

    /** A device that can be woken need not begin anew after an hour in which nothing happened. */
    private void detached(ClientSession session, Turn turn) {
        gone(session, turn);
        if (registrations.mayHave(turn)) {
            String device = Devices.of(session, turn);
            if (usable(turn).stream()
                    .anyMatch(registration -> registration.device().equals(device))) {
                Instant until = turn.now().plus(hibernation.apply(turn.jid().domain()));
                turn.set(session, ClientSession.WAITS_UNTIL, Micros.of(until));
            }
        }
    }

    /** The connection is gone, or the session is. */
    private void gone(ClientSession session, Turn turn) {
        if (!registrations.mayHave(turn)) {
            return;
        }
        Watch watch = turn.get(session, Watch.KEY);
        if (watch != null) {
            keep(watch.take(null, session, turn.now()), GATHERED, turn);
            dispatcher.hurry(Devices.of(session, turn), turn);
        }
    }
}
