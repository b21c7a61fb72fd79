// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.blocking.BlockingView;
import im.dunlin.core.modules.presence.PresenceView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Range;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.sync.archive.ArchivePolicy;
import im.dunlin.sync.calls.Call.Reason;
import im.dunlin.sync.calls.Call.State;
import im.dunlin.sync.calls.CallTables.Ended;
import im.dunlin.sync.calls.CallTables.Live;
import im.dunlin.sync.calls.CallTransitions.Event;
import im.dunlin.sync.calls.CallTransitions.Next;
import im.dunlin.sync.calls.CallWord.Kind;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ChangeObserver.Cause;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationHead.Status;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.MissedCall;
import im.dunlin.sync.log.XabberStreams;
import im.dunlin.sync.synchronization.LiveCalls;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The calls of each account, as far as they last or ended within a day: written in the batch of the stanza that changes them.
 *
 * <p>It follows what both sides' clients say of a call, in the order in which the account's turns hear it, and adds what no
 * client may be left to say: that nobody answered, that both called at once, that a device is gone. Nothing is ever said to the
 * peer in the account's name. All methods that take a turn run in one of the account.
 */
public final class CallLedger implements LiveCalls {
    /** Calls that an account's peers and devices propose at a time; further ones are delivered and not followed. */
    static final int MAX_OFFERS = 10;

    /** Calls that are answered and whose end nobody told. */
    static final int MAX_ANSWERED = 10;

    /** Rows of calls that are not over, those among them that timers are about to end. */
    private static final int MAX_LIVE = 2 * (MAX_OFFERS + MAX_ANSWERED);

    /** Calls of one peer that are followed in a minute. */
    static final int MAX_A_MINUTE = 10;

    /** Ended calls of which an account knows. */
    static final int MAX_ENDED = 100;

    /** Of a longer offer only the kinds of media are kept. */
    static final int MAX_OFFER = 8 << 10;

    private static final int MAX_DESCRIPTIONS = 4;
    private static final int MAX_MEDIA = 32;

    /** How long a device may be away without its call being over. */
    private static final Duration ABSENCE = Duration.ofSeconds(60);

    /** How often it is looked whether the device of a call is still there. */
    private static final Duration LOOKED_AFTER = Duration.ofMinutes(10);

    private static final Duration REMEMBERED = Duration.ofHours(24);

    /** Fires when a call that nobody speaks of is over. */
    private static final String SILENCE = "call-silence";

    /** Fires when a device that is in a call has been away. */
    private static final String AWAY = "call-away";

    /** Fires while a call runs, since nobody sees a device go whose server is killed. */
    private static final String LOOK = "call-look";

    /** Fires when the oldest ended call may be forgotten; there is one timer exactly while there are such calls. */
    private static final String FORGETTING = "call-forgetting";

    private final CallTables tables;
    private final ConversationLog log;
    private final ArchivePolicy policy;
    private final BlockingView blocking;
    private final PresenceView presence;
    private final List<CallObserver> observers = new ArrayList<>();

    CallLedger(Setup setup) {
        tables = new CallTables(setup);
        log = setup.require(ConversationLog.class);
        policy = setup.require(ArchivePolicy.class);
        blocking = setup.require(BlockingView.class);
        presence = setup.require(PresenceView.class);
        setup.timer(SILENCE, (data, turn) -> silent(sid(data), turn))
                .timer(AWAY, (data, turn) -> away(sid(data), turn))
                .timer(LOOK, (data, turn) -> look(sid(data), turn))
                .timer(FORGETTING, (data, turn) -> forgetOld(turn))
                .sessionEnded((session, unacknowledged, turn) -> left(session, turn));
        blocking.follow(new BlockingView.Listener() {
            @Override
            public void blocked(Set<Jid> jids, Turn turn) {
                endBlocked(turn);
            }

            @Override
            public void unblocked(Set<Jid> jids, Turn turn) {
                // What ended stays ended.
            }
        });
    }

    /** Tells of each change of a call. To be declared while the server is built. */
    public void observe(CallObserver observer) {
        observers.add(observer);
    }

    // ---- reading
    // -----------------------------------------------------------------------------------------------------

    /** The calls that ring or run now, in no order. */
    public List<Call> live(Turn turn) {
        List<Call> calls = new ArrayList<>();
        for (Row<Live, Boolean> row : turn.scan(tables.live, Range.all(), Direction.FORWARD, MAX_LIVE)) {
            Call call = turn.get(tables.calls, row.key().sid());
            if (call != null && call.isLiveAt(turn.now())) {
                calls.add(call);
            }
        }
        return calls;
    }

    /** A call that lasts or has ended within a day. */
    public @Nullable Call find(Turn turn, String sid) {
        return turn.get(tables.calls, sid);
    }

    /** The calls that ended since then, the last first. */
    List<Call> endedSince(Turn turn, Instant since, int limit) {
        List<Call> calls = new ArrayList<>();
        Range<Ended> range = Range.<Ended>all().from(new Ended(Micros.of(since), ""));
        for (Row<Ended, Boolean> row : turn.scan(tables.ended, range, Direction.BACKWARD, limit)) {
            Call call = turn.get(tables.calls, row.key().sid());
            if (call != null) {
                calls.add(call);
            }
        }
        return calls;
    }

    @Override
    public @Nullable Message liveOffer(Reader reader, OwnerKey account, BareJid peer, Instant now) {
        return offers(reader, account, Range.prefix(key -> key.text(peer.toString())), now)
                .max(Comparator.comparingLong(Call::start))
                .map(Call::offer)
                .orElse(null);
    }

    @Override
    public Set<BareJid> ringing(Reader reader, OwnerKey account, Instant now) {
        return offers(reader, account, Range.all(), now).map(Call::peer).collect(Collectors.toSet());
    }

    /** The calls of others that ring. */
    private Stream<Call> offers(Reader reader, OwnerKey account, Range<Live> range, Instant now) {
        return reader.list(tables.live, account, range, Direction.FORWARD, MAX_LIVE).stream()
                .map(row -> reader.get(tables.calls, account, row.key().sid()))
                .filter(call -> call != null && !call.isOutgoing() && call.isOffer() && call.isLiveAt(now));
    }

    // ---- what is said
    // ------------------------------------------------------------------------------------------------

    /** Whether it offers to the account what must not ring: a call that is over, or one under the id of another call. */
    boolean mustNotRing(CallWord word, Passage passage, Turn turn) {
        Call call = passage.way() == Way.INBOUND && word.kind() == Kind.PROPOSE ? find(turn, word.sid()) : null;
        return call != null
                && (call.isOver() || call.isOutgoing() || !call.peer().equals(passage.peer()));
    }

    /** Whether {@link #hear} keeps what the word says, so that the message need not be refused for want of devices. */
    boolean follows(CallWord word, Passage passage, Turn turn) {
        Call call = find(turn, word.sid());
        return call == null
                ? word.kind() == Kind.PROPOSE && mayBegin(passage, turn)
                : call.isLiveAt(turn.now()) && isOf(call, passage);
    }

    /** A message that says something of a call has passed through the account, and is archived if it ever will be. */
    void hear(CallWord word, Passage passage, Turn turn) {
        Call call = find(turn, word.sid());
        if (call == null) {
            if (word.kind() == Kind.PROPOSE) {
                begin(word, passage, turn);
            } else if (word.kind() == Kind.RETRACT) {
                retractUnknown(word, passage, turn);
            }
        } else if (isOf(call, passage)) {
            boolean own = passage.way() == Way.OUTBOUND;
            FullJid speaker = passage.message().from() instanceof FullJid full ? full : null;
            say(call, word, own, speaker, new Told(word, passage), turn);
        }
    }

    /** A client tells the other's client alone that a session is over. @param way of the iq */
    void hear(CallWord word, Way way, @Nullable Jid peer, Turn turn) {
        Call call = peer == null ? null : find(turn, word.sid());
        if (call != null && peer != null && call.peer().equals(peer.bare())) {
            say(call, word, way == Way.OUTBOUND, null, null, turn);
        }
    }

    /** A message that itself tells of a change. */
    private record Told(CallWord word, Passage passage) {
        @Nullable
        Long archiveId() {
            return ArchiveId.parse(passage.archiveId());
        }
    }

    /** In old versions who answers tells the other devices alone, by a message to the own account. */
    private static boolean isOf(Call call, Passage passage) {
        return call.peer().equals(passage.peer())
                || passage.way() == Way.OUTBOUND && passage.peer().equals(passage.account()) && !call.isOutgoing();
    }

    private void say(Call call, CallWord word, boolean own, @Nullable FullJid speaker, @Nullable Told told, Turn turn) {
        Event event = CallTransitions.event(word, call.isOutgoing() == own);
        if (event == null) {
            return;
        }
        if (event == Event.ANSWER) {
            answer(call, own ? call.between(speaker, null) : call.between(null, speaker), told, turn);
        } else {
            apply(event, call, call, word.migratedTo(), told, turn);
        }
    }

    private void answer(Call call, Call answered, @Nullable Told told, Turn turn) {
        if (!apply(Event.ANSWER, call, answered, null, told, turn)) {
            return;
        }
        turn.schedule(SILENCE, Micros.toInstant(call.start()).plus(Call.LONGEST), data(call.sid()));
        turn.schedule(LOOK, turn.now().plus(LOOKED_AFTER), data(call.sid()));
        List<Call> others = new ArrayList<>(live(turn).stream()
                .filter(other -> other.state() == State.ANSWERED && !other.sid().equals(call.sid()))
                .toList());
        // Two people have one call: a second one takes the first over, whether or not their clients say so (§4.2).
        for (Call other : List.copyOf(others)) {
            if (other.peer().equals(call.peer())) {
                apply(Event.MIGRATION, other, other, call.sid(), null, turn);
                others.remove(other);
            }
        }
        if (others.size() >= MAX_ANSWERED) {
            others.stream()
                    .min(Comparator.comparingLong(Call::start))
                    .ifPresent(oldest -> apply(Event.LOSS, oldest, oldest, null, null, turn));
        }
    }

    // ---- a new call
    // --------------------------------------------------------------------------------------------------

    private boolean mayBegin(Passage passage, Turn turn) {
        BareJid peer = passage.peer();
        if (!(passage.message().to() instanceof BareJid) || peer.equals(turn.jid())) {
            return false;
        }
        List<Call> live = live(turn);
        long minuteAgo = Micros.of(turn.now().minusSeconds(60));
        List<Call> recent = new ArrayList<>(live);
        recent.addAll(endedSince(turn, turn.now().minusSeconds(60), MAX_ENDED));
        return live.stream().filter(Call::isOffer).count() < MAX_OFFERS
                && recent.stream()
                                .filter(call -> call.peer().equals(peer) && call.start() > minuteAgo)
                                .count()
                        < MAX_A_MINUTE;
    }

    private void begin(CallWord word, Passage passage, Turn turn) {
        if (!mayBegin(passage, turn)) {
            return;
        }
        boolean outgoing = passage.way() == Way.OUTBOUND;
        Message message = passage.message();
        BareJid peer = passage.peer();
        Told told = new Told(word, passage);
        long now = Micros.of(turn.now());
        long start = outgoing ? now : Math.min(now, proposedAt(message, turn));
        FullJid speaker = message.from() instanceof FullJid full ? full : null;
        Call call = Call.proposed(word.sid(), outgoing, peer, start, revision(told, turn), offer(message, word))
                .between(outgoing ? speaker : null, outgoing ? null : speaker)
                .archivedAs(passage.archiveId());
        if (!call.isLiveAt(turn.now())) {
            change(null, call.over(Reason.TIMEOUT, turn.now(), null, call.revision()), told, turn);
            return;
        }
        for (Call other : live(turn)) {
            if (!other.peer().equals(peer)) {
                continue;
            }
            if (other.isOffer() && other.isOutgoing() && !outgoing) {
                // Both called at once (§4.1): the other side learns from our client that its call has lost.
                if (isAttached(other.device(), turn) && isLower(other.sid(), word.sid())) {
                    change(null, call.over(Reason.TIE_BREAK, turn.now(), null, call.revision()), told, turn);
                    return;
                }
            } else if (other.state() == State.ANSWERED) {
                if (isAttached(other.device(), turn)) {
                    call = call.continuing(other.sid());
                } else {
                    // That one is most likely lost. A call whose end nobody told must not mute the phone.
                    apply(Event.LOSS, other, other, null, null, turn);
                }
            }
        }
        change(null, call, told, turn);
        turn.schedule(SILENCE, Micros.toInstant(start).plus(Call.RINGING_TIME), data(word.sid()));
    }

    /** A retraction may overtake its offer: what comes later is over already. */
    private void retractUnknown(CallWord word, Passage passage, Turn turn) {
        if (passage.way() == Way.INBOUND && mayBegin(passage, turn)) {
            Told told = new Told(word, passage);
            long now = Micros.of(turn.now());
            Call call = Call.proposed(word.sid(), false, passage.peer(), now, revision(told, turn), passage.message());
            change(null, call.over(Reason.RETRACTED, turn.now(), null, call.revision()), told, turn);
        }
    }

    /** When the offer was sent, if it waited somewhere (XEP-0203). */
    private static long proposedAt(Message message, Turn turn) {
        Instant sent = turn.now();
        List<Element> delays = new ArrayList<>(message.payload().all(Delay.NAME));
        message.additions().stream().filter(addition -> addition.is(Delay.NAME)).forEach(delays::add);
        for (Element element : delays) {
            Delay delay = Delay.parse(element);
            if (delay != null && delay.stamp().isBefore(sent)) {
                sent = delay.stamp();
            }
        }
        // A stamp may be of any year.
        Instant oldest = turn.now().minus(Call.LONGEST);
        return Micros.of(sent.isBefore(oldest) ? oldest : sent);
    }

    /** The message as it is kept: of a large one what a device must know to ring. */
    private static Message offer(Message message, CallWord word) {
        Message bare = message.withAdditions(List.of());
        if (message.payload().size() <= MAX_OFFER) {
            return bare;
        }
        Element propose = Element.of(word.element().name()).attr("id", word.sid());
        List<Element> descriptions = word.element().children(CallWord.DESCRIPTION);
        for (Element description : descriptions.subList(0, Math.min(MAX_DESCRIPTIONS, descriptions.size()))) {
            String media = description.attr("media");
            if (media != null && media.length() <= MAX_MEDIA) {
                propose = propose.child(Element.of(CallWord.DESCRIPTION).attr("media", media));
            }
        }
        return bare.withPayload(Payload.of(propose));
    }

    /** By i;octet (RFC 4790 §9.3). */
    private static boolean isLower(String sid, String than) {
        return Arrays.compareUnsigned(sid.getBytes(StandardCharsets.UTF_8), than.getBytes(StandardCharsets.UTF_8)) < 0;
    }

    private static boolean isAttached(@Nullable FullJid device, Turn turn) {
        ClientSession session = device == null ? null : turn.session(device.resource());
        return session != null && session.outbound().isAttached();
    }

    // ---- what nobody says
    // --------------------------------------------------------------------------------------------

    private void silent(String sid, Turn turn) {
        Call call = find(turn, sid);
        if (call != null && !call.isOver() && !call.isLiveAt(turn.now())) {
            apply(call.isOffer() ? Event.TIMEOUT : Event.LOSS, call, call, null, null, turn);
        }
    }

    /** A session has ended: a device that is in a call has this long to come back under the same name. */
    private void left(ClientSession session, Turn turn) {
        for (Call call : live(turn)) {
            if (call.state() == State.ANSWERED && session.jid().equals(call.device())) {
                turn.schedule(AWAY, turn.now().plus(ABSENCE), data(call.sid()));
            }
        }
    }

    private void look(String sid, Turn turn) {
        Call call = find(turn, sid);
        FullJid device = call == null || call.isOver() ? null : call.device();
        if (device != null) {
            boolean isThere = turn.session(device.resource()) != null;
            turn.schedule(isThere ? LOOK : AWAY, turn.now().plus(isThere ? LOOKED_AFTER : ABSENCE), data(sid));
        }
    }

    private void away(String sid, Turn turn) {
        Call call = find(turn, sid);
        FullJid device = call == null ? null : call.device();
        if (call != null && device != null && turn.session(device.resource()) == null) {
            apply(Event.LOSS, call, call, null, null, turn);
        }
    }

    private void endBlocked(Turn turn) {
        for (Call call : live(turn)) {
            FullJid device = call.peerDevice();
            if (blocking.isBlocked(call.peer(), turn) || device != null && blocking.isBlocked(device, turn)) {
                apply(Event.BLOCK, call, call, null, null, turn);
            }
        }
    }

    // ---- writing
    // -----------------------------------------------------------------------------------------------------

    /** @param changed the call before, with what the event adds to it @return whether anything changed */
    private boolean apply(
            Event event, Call before, Call changed, @Nullable String migratedTo, @Nullable Told told, Turn turn) {
        Next next = CallTransitions.next(before.state(), event);
        if (next == null) {
            return false;
        }
        long revision = revision(told, turn);
        Reason reason = next.reason();
        Call now = reason == null
                ? changed.in(next.state(), revision)
                : changed.over(reason, turn.now(), limited(migratedTo), revision);
        change(before, now, told, turn);
        return true;
    }

    private static @Nullable String limited(@Nullable String sid) {
        return sid == null || sid.length() > CallWord.MAX_SID ? null : sid;
    }

    /** The number of the change: that of the message which tells it, if the archive has it. */
    private static long revision(@Nullable Told told, Turn turn) {
        Long archived = told == null ? null : told.archiveId();
        return archived == null ? turn.stamp() : archived;
    }

    private void change(@Nullable Call before, Call now, @Nullable Told told, Turn turn) {
        turn.put(tables.calls, now.sid(), now);
        Live live = new Live(now.peer(), now.sid());
        if (!now.isOver()) {
            if (before == null) {
                turn.put(tables.live, live, true);
            }
        } else {
            if (before != null) {
                turn.delete(tables.live, live);
            }
            remember(now, turn);
        }
        show(before, now, told, turn);
        Passage passage = told == null ? null : told.passage();
        observers.forEach(observer -> observer.changed(before, now, passage, turn));
    }

    /** Keeps an ended call among the last ones. */
    private void remember(Call call, Turn turn) {
        turn.put(tables.ended, new Ended(call.end(), call.sid()), true);
        List<Row<Ended, Boolean>> rows = turn.scan(tables.ended, Range.all(), Direction.FORWARD, MAX_ENDED + 1);
        if (rows.size() == 1) {
            scheduleForgetting(rows.get(0).key(), turn);
        } else if (rows.size() > MAX_ENDED) {
            forget(rows.get(0).key(), turn);
        }
    }

    private void forgetOld(Turn turn) {
        long oldest = Micros.of(turn.now().minus(REMEMBERED));
        for (Row<Ended, Boolean> row : turn.scan(tables.ended, Range.all(), Direction.FORWARD, MAX_ENDED + 1)) {
            if (row.key().at() > oldest) {
                scheduleForgetting(row.key(), turn);
                return;
            }
            forget(row.key(), turn);
        }
    }

    private void forget(Ended ended, Turn turn) {
        turn.delete(tables.ended, ended);
        turn.delete(tables.calls, ended.sid());
    }

    private static void scheduleForgetting(Ended oldest, Turn turn) {
        turn.schedule(FORGETTING, Micros.toInstant(oldest.at()).plus(REMEMBERED), data(""));
    }

    /** What the conversation shows of it. */
    private void show(@Nullable Call before, Call now, @Nullable Told told, Turn turn) {
        ConversationKey key = new ConversationKey(now.peer(), ConversationType.CHAT);
        if (isMissed(before, now)) {
            // The last word of a call is its record; where the archive has none, this stands in for it.
            boolean isRecorded = told != null
                    && told.archiveId() != null
                    && told.word().kind().ends();
            if (!isRecorded && policy.keeps(turn, now.peer())) {
                Message missed = missed(now, before, turn.jid());
                tell(log.append(turn, Way.INBOUND, missed, missed.traits()), missed, turn);
            } else {
                log.touch(turn, key, Cause.CALL, number(key, now, told, turn));
            }
        } else if (before == null && !now.isOver()) {
            if (!now.isOutgoing()) {
                showOffer(key, number(key, now, told, turn), turn);
            }
        } else if (before != null && now.state() != State.RINGING) {
            log.touch(turn, key, Cause.CALL, number(key, now, told, turn));
        }
    }

    /** Xabber's clients learn of the record as of any message; others that it is over, if they asked to. */
    private void tell(long id, Message missed, Turn turn) {
        for (ClientSession session : presence.available(turn)) {
            if (XabberStreams.isOne(turn, session)) {
                StanzaId stanzaId = new StanzaId(ArchiveId.format(id), turn.jid());
                turn.send(session, MissedCall.forXabber(missed).adding(stanzaId.element()));
            }
        }
    }

    /** A call is something to show, whoever calls for the first time or again after long. */
    private void showOffer(ConversationKey key, long number, Turn turn) {
        boolean changed = log.changeOrBegin(
                turn,
                key,
                Cause.CALL,
                () -> number,
                head -> isShown(head) ? head : head.withStatus(Status.ACTIVE).withOrderStamp(number));
        if (!changed) {
            log.touch(turn, key, Cause.CALL, number);
        }
    }

    /** Of the change of the conversation: a message may tell of a call and stand in another one, since it says it is encrypted. */
    private long number(ConversationKey key, Call call, @Nullable Told told, Turn turn) {
        Long archived = told == null ? null : told.archiveId();
        return archived == null ? call.revision() : log.numberOf(turn, key, archived);
    }

    private static boolean isShown(ConversationHead head) {
        return head.orderStamp() != 0 && head.status() != Status.DELETED;
    }

    private static Message missed(Call call, @Nullable Call before, BareJid account) {
        CallWord offer = before == null || before.offer() == null ? null : CallWord.of(before.offer());
        return MissedCall.message(
                call.peer(),
                account,
                call.sid(),
                Objects.requireNonNull(call.reason()).wire(),
                Micros.toInstant(call.start()),
                Micros.toInstant(call.end()),
                offer == null ? null : offer.media());
    }

    private static boolean isMissed(@Nullable Call before, Call now) {
        return !now.isOutgoing()
                && (before == null || before.isOffer())
                && (now.reason() == Reason.TIMEOUT || now.reason() == Reason.RETRACTED);
    }

    // ---- timers
    // ------------------------------------------------------------------------------------------------------

    private static byte[] data(String sid) {
        byte[] text = sid.getBytes(StandardCharsets.UTF_8);
        byte[] data = new byte[text.length + 1];
        data[0] = 1;
        System.arraycopy(text, 0, data, 1, text.length);
        return data;
    }

    private static String sid(byte[] data) {
        return new String(data, 1, data.length - 1, StandardCharsets.UTF_8);
    }
}
