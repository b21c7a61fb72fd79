// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.Wire;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.storage.Batch;
import im.dunlin.storage.Changes;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.GroupSync;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Scan;
import im.dunlin.storage.Slots;
import im.dunlin.storage.Snapshot;
import im.dunlin.storage.Store;
import im.dunlin.storage.StoreException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All lanes, and the way into them.
 *
 * <p>How a stanza becomes a turn: its owner's bare JID gives a slot, the slot a lane; there {@link #run} makes a {@link
 * LaneTurn}, runs the body, writes its batch unsynced, and gives its effects to {@link GroupSync}, which runs them when
 * everything written so far is durable. Effects only post: stanzas to sessions' queues, stanzas to other lanes.
 *
 * <p>Turns that wrote nothing keep their place behind earlier turns of their lane that did, and otherwise leave at once, so
 * that a ping does not pay for the disk.
 *
 * <p>What a turn has for other owners is handed over when its batch is written and its release has its place in the queue, not
 * when it is on the disk: all lanes write to one log and one queue, so whatever the others make of it is synced with it or
 * later and released behind it (docs/adr/0003).
 */
public final class Lanes implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Lanes.class);

    /** Turns that may wait on one lane before no sender gets credit back. */
    static final int OVERLOADED = 10_000;

    private static final int READERS = 2;
    private static final int READS_WAITING = 1_000;
    private static final int IDLE_POLL_NANOS = 100_000;
    private static final Duration TICK = Duration.ofMillis(250);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    /** A clock this far ahead of the wall cannot be explained by a clock that was corrected (DESIGN, settled 7). */
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(5);

    private final Store store;
    private final GroupSync sync;
    private final InstantSource time;
    private final SecureRandom random = new SecureRandom();
    private final Lane[] lanes;
    /** Bounded by the sessions and their credit. */
    private final Queue<Runnable> heldCredit = new ConcurrentLinkedQueue<>();

    private final AtomicInteger unfinished = new AtomicInteger();
    private final Directory directory;
    private final Outbox outbox;
    private final Departures departures;
    private final Timers timers;
    private final Questions questions;
    private final ThreadPoolExecutor readers;
    private final ScheduledThreadPoolExecutor ticks;
    private final List<Consumer<Instant>> looks = new CopyOnWriteArrayList<>();
    private @Nullable Outlet outlet;

    /**
     * @param count lanes; the same store may be opened with another count
     * @param sync told when a batch could not be written; its own failure handler ends the process
     */
    public Lanes(Store store, GroupSync sync, InstantSource time, int count) {
        this.store = store;
        this.sync = sync;
        this.time = time;
        this.directory = new Directory(store);
        this.outbox = new Outbox(store);
        this.departures = new Departures(store);
        this.timers = new Timers(store);
        this.questions = new Questions(store);
        this.lanes = new Lane[count];
        for (int i = 0; i < count; i++) {
            lanes[i] = new Lane(i, store, unfinished, sync::fail);
        }
        this.readers = new ThreadPoolExecutor(
                READERS, READERS, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(READS_WAITING), task -> {
                    Thread thread = new Thread(task, "reader");
                    thread.setDaemon(true);
                    return thread;
                });
        // A full queue runs the read on the asking lane: it slows the ones who ask, and loses no answer.
        readers.setRejectedExecutionHandler(new ThreadPoolExecutor.CallerRunsPolicy());
        this.ticks = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "lane-ticks");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Starts the lanes and replays what a crash interrupted: handoffs above the receivers' marks, due timers. Returns when
     * every interrupted handoff has been recorded, so that listeners may open.
     *
     * @param acceptClock start although clocks are far ahead of the wall (an operator's decision after a restore)
     * @throws ClockAheadException if a persisted clock is more than five minutes ahead
     */
    public void start(Outlet to, boolean acceptClock) throws InterruptedException {
        outlet = to;
        if (!acceptClock) {
            checkClocks();
        }
        departures.load();
        // All of them are queued before the first is handled: what that sends must not overtake an earlier row of its
        // pair, which would then lie below the mark.
        List<Outbox.Handoff> interrupted = outbox.interrupted();
        interrupted.forEach(handoff -> deliver(handoff, false, true));
        for (Lane lane : lanes) {
            lane.start();
        }
        awaitIdle();
        timers.load();
        ticks.scheduleAtFixedRate(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
        if (!interrupted.isEmpty()) {
            log.info("Recorded {} messages that the last stop interrupted", interrupted.size());
        }
    }

    private void checkClocks() {
        long limit = Micros.of(time.instant().plus(CLOCK_TOLERANCE));
        try (Scan<Keys.Single, Long> clocks = store.scanTable(directory.clocks())) {
            while (clocks.hasNext()) {
                long clock = clocks.next().value();
                if (clock > limit) {
                    throw new ClockAheadException(Micros.toInstant(clock), time.instant());
                }
            }
        }
    }

    /** Waits until no turn waits or runs on any lane and everything that turns sent has left, or the disk has failed. */
    public void awaitIdle() throws InterruptedException {
        while (unfinished.get() > 0 && !sync.hasFailed()) {
            Thread.sleep(0, IDLE_POLL_NANOS);
        }
    }

    /** Finishes the turns that are queued and lets out what they sent. */
    @Override
    public void close() throws InterruptedException {
        ticks.shutdownNow();
        // The readers come last: a read that they refuse is one that is waited for.
        awaitIdle();
        readers.shutdown();
        for (int i = 0; i < lanes.length; i++) {
            Lane lane = lanes[i];
            int number = i;
            // Behind all that it has done, or the next start would send again what has left just now.
            lane.execute(() -> sweepDepartures(lane, number));
        }
        for (Lane lane : lanes) {
            if (!lane.stop(STOP_PATIENCE)) {
                log.warn("A lane did not finish its turns within {}", STOP_PATIENCE);
            }
        }
    }

    /** Stops without finishing anything, as a killed process does; for tests of what a crash leaves. */
    public void abandon() {
        ticks.shutdownNow();
        readers.shutdownNow();
        for (Lane lane : lanes) {
            lane.abandon();
        }
        try {
            // A turn that runs now still writes: whoever opens the store next must not meet it.
            for (Lane lane : lanes) {
                lane.awaitEnd(STOP_PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- ways in
    // -----------------------------------------------------------------------------------------------------

    /** Runs work of the server's own for an owner. */
    public void submit(BareJid owner, TurnBody body) {
        Lane lane = laneOf(owner);
        lane.execute(() -> run(lane, owner, null, null, body, Lanes::nothing));
    }

    /** As {@link #submit(BareJid, TurnBody)}. @param otherwise runs on the lane, right behind, if the turn failed */
    public void submit(BareJid owner, TurnBody body, Runnable otherwise) {
        Lane lane = laneOf(owner);
        lane.execute(() -> {
            if (!run(lane, owner, null, null, body, Lanes::nothing)) {
                otherwise.run();
            }
        });
    }

    /**
     * Runs work of the server's own for an owner. The future completes with what it returned when its writes are durable, and
     * fails when it failed, on a thread that must not be held up.
     */
    public <R> CompletableFuture<R> call(BareJid owner, Function<Turn, R> body) {
        CompletableFuture<R> future = new CompletableFuture<>();
        Lane lane = laneOf(owner);
        lane.execute(() -> {
            TurnBody answering = turn -> {
                R result = body.apply(turn);
                turn.afterwards(() -> future.complete(result));
            };
            if (!run(lane, owner, null, null, answering, Lanes::nothing)) {
                future.completeExceptionally(new IllegalStateException("a turn of " + owner + " failed"));
            }
        });
        return future;
    }

    /**
     * Runs a stanza of a session. When the turn's writes are durable, after its effects, the stanza counts as handled and
     * its bytes are returned as credit.
     *
     * @param from the connection that it came on; if the session has moved to another one meanwhile, nothing is run
     */
    public void submit(ClientSession session, Wire from, @Nullable Stanza stanza, int bytes, TurnBody body) {
        BareJid owner = session.jid().bare();
        Lane lane = laneOf(owner);
        lane.execute(() -> {
            if (session.attribute(ClientSession.CONNECTION) != from) {
                from.credit(bytes);
                return;
            }
            long handled = session.countReceived();
            run(lane, owner, session, stanza, body, () -> {
                session.outbound().handled(handled);
                giveBack(from, bytes);
            });
        });
    }

    /**
     * Returns credit, unless a lane has more to do than it should: what a stanza led to elsewhere is not done yet, so all
     * senders wait until it is. That is what bounds the lanes' queues.
     */
    private void giveBack(Wire from, int bytes) {
        if (isOverloaded()) {
            heldCredit.add(() -> from.credit(bytes));
        } else {
            from.credit(bytes);
        }
    }

    private void giveBack(Runnable credit) {
        if (isOverloaded()) {
            heldCredit.add(credit);
        } else {
            credit.run();
        }
    }

    private boolean isOverloaded() {
        for (Lane lane : lanes) {
            if (lane.queued() > OVERLOADED) {
                return true;
            }
        }
        return false;
    }

    /** Runs something of a session's that is no stanza, such as {@code <active/>}, unless the session has moved. */
    public void submit(ClientSession session, Wire from, TurnBody body) {
        BareJid owner = session.jid().bare();
        Lane lane = laneOf(owner);
        lane.execute(() -> {
            if (session.attribute(ClientSession.CONNECTION) == from) {
                run(lane, owner, session, null, body, Lanes::nothing);
            }
        });
    }

    /**
     * Runs a stanza that an entity outside sent to this owner: of a component or of another server.
     *
     * @param finished runs when the turn's writes are durable, to return the stanza's bytes as credit
     */
    public void submit(BareJid receiver, Stanza stanza, Runnable finished) {
        Lane lane = laneOf(receiver);
        lane.execute(() ->
                run(lane, receiver, null, stanza, turn -> receive((LaneTurn) turn, stanza), () -> giveBack(finished)));
    }

    private static void nothing() {}

    /** Gives a stanza to the owner that its address names. @param behind see {@link #run} */
    void deliver(BareJid receiver, Stanza stanza, boolean behind) {
        Lane lane = laneOf(receiver);
        lane.execute(() ->
                run(lane, receiver, null, stanza, turn -> receive((LaneTurn) turn, stanza), Lanes::nothing, behind));
    }

    /** Gives a stanza to each of these that has sessions. @param behind see {@link #run} */
    void deliverToSessions(List<BareJid> receivers, Stanza stanza, boolean behind) {
        Map<Lane, List<BareJid>> byLane = new HashMap<>();
        receivers.forEach(receiver -> byLane.computeIfAbsent(laneOf(receiver), lane -> new ArrayList<>())
                .add(receiver));
        byLane.forEach((lane, some) -> lane.execute(() -> deliverToSessions(lane, some, stanza, behind)));
    }

    private void deliverToSessions(Lane lane, List<BareJid> receivers, Stanza stanza, boolean behind) {
        together(lane, behind, together -> {
            for (BareJid receiver : receivers) {
                OwnerState state = lane.state(receiver);
                if (state != null && !state.sessions.isEmpty()) {
                    deliver(lane, receiver, stanza.withTo(receiver), behind, together);
                }
            }
        });
    }

    /** Gives a stanza to each of these owners' addresses. @param behind see {@link #run} */
    void deliverToEach(Map<BareJid, List<Jid>> receivers, Stanza stanza, boolean behind) {
        Map<Lane, List<BareJid>> byLane = new HashMap<>();
        receivers
                .keySet()
                .forEach(owner -> byLane.computeIfAbsent(laneOf(owner), lane -> new ArrayList<>())
                        .add(owner));
        byLane.forEach((lane, some) -> lane.execute(() -> together(lane, behind, together -> {
            for (BareJid owner : some) {
                for (Jid to : receivers.getOrDefault(owner, List.of())) {
                    deliver(lane, owner, stanza.withTo(to), behind, together);
                }
            }
        })));
    }

    /** Turns of which those that only send let it leave together, behind the last of them. */
    private void together(Lane lane, boolean behind, Consumer<List<Runnable>> turns) {
        List<Runnable> together = new ArrayList<>();
        try {
            turns.accept(together);
        } finally {
            // Also where a turn could not even answer: what the others did has happened.
            if (!together.isEmpty()) {
                release(lane, false, behind, together);
            }
        }
    }

    private void deliver(Lane lane, BareJid receiver, Stanza addressed, boolean behind, List<Runnable> together) {
        TurnBody body = turn -> receive((LaneTurn) turn, addressed);
        run(lane, receiver, null, addressed, body, Lanes::nothing, behind, together);
    }

    /**
     * Gives a stanza with an outbox row to its receiver, who records it once however often it is handed over.
     *
     * @param behind see {@link #run}
     */
    void deliver(Outbox.Handoff handoff, boolean behind) {
        deliver(handoff, behind, false);
    }

    private void deliver(Outbox.Handoff handoff, boolean behind, boolean isRecovery) {
        Lane lane = laneOf(handoff.receiver());
        lane.execute(() -> {
            if (outbox.isRecorded(handoff)) {
                outbox.recorded(handoff);
                return;
            }
            Stanza stanza = isRecovery ? handoff.afterAStop(time.instant()) : handoff.stanza();
            boolean done = run(
                    lane,
                    handoff.receiver(),
                    null,
                    stanza,
                    turn -> {
                        outbox.mark(((LaneTurn) turn).changes(), handoff);
                        if (isRecovery) {
                            ((LaneTurn) turn).recovers();
                        }
                        if (stanza instanceof Iq) {
                            ((LaneTurn) turn).answersRecorded();
                        }
                        receive((LaneTurn) turn, stanza);
                        turn.afterwards(() -> outbox.recorded(handoff));
                    },
                    Lanes::nothing,
                    behind);
            if (!done) {
                // The receiver refused it or could not handle it, and said so: it must not come again after a crash.
                run(
                        lane,
                        handoff.receiver(),
                        null,
                        null,
                        turn -> outbox.mark(((LaneTurn) turn).changes(), handoff),
                        () -> outbox.recorded(handoff),
                        behind);
            }
        });
    }

    private void receive(LaneTurn turn, Stanza stanza) {
        if (!questions.answers(turn, stanza)) {
            outlet().receive(turn, stanza);
        }
    }

    /** An answer to a question of the server's own that came from a session of the same account. Lane only. */
    public boolean answers(Turn turn, Stanza stanza) {
        return questions.answers((LaneTurn) turn, stanza);
    }

    /** @param behind see {@link #run} */
    <R> void ask(
            BareJid asker,
            BareJid asked,
            Function<Turn, @Nullable R> question,
            BiConsumer<Turn, @Nullable R> then,
            boolean behind) {
        Lane lane = laneOf(asked);
        lane.execute(() -> {
            TurnBody answering = turn -> {
                R answer = question.apply(turn);
                turn.afterwards(() -> submit(asker, resumed -> then.accept(resumed, answer)));
            };
            if (!run(lane, asked, null, null, answering, Lanes::nothing, behind)) {
                submit(asker, resumed -> then.accept(resumed, null));
            }
        });
    }

    <R> void readThenResume(
            BareJid owner,
            @Nullable ClientSession asker,
            @Nullable Stanza asked,
            Function<Reader, R> query,
            BiConsumer<Turn, R> then) {
        Lane lane = laneOf(owner);
        R result;
        try (Snapshot snapshot = store.snapshot()) {
            result = query.apply(snapshot);
        } catch (StanzaException e) {
            lane.execute(() -> run(
                    lane,
                    owner,
                    asker,
                    asked,
                    turn -> {
                        throw e;
                    },
                    Lanes::nothing));
            return;
        } catch (RuntimeException e) {
            log.error("A read for {} failed", owner, e);
            lane.execute(() -> run(
                    lane,
                    owner,
                    asker,
                    asked,
                    turn -> {
                        throw internalError();
                    },
                    Lanes::nothing));
            return;
        }
        lane.execute(() -> run(lane, owner, asker, asked, turn -> then.accept(turn, result), Lanes::nothing));
    }

    /** Hands a long read to the readers. Lane only. */
    void read(Runnable task) {
        unfinished.incrementAndGet();
        readers.execute(() -> {
            try {
                task.run();
            } finally {
                unfinished.decrementAndGet();
            }
        });
    }

    private static StanzaException internalError() {
        return StanzaError.internalServerError().toException();
    }

    // ---- running
    // -----------------------------------------------------------------------------------------------------

    private boolean run(
            Lane lane,
            BareJid jid,
            @Nullable ClientSession origin,
            @Nullable Stanza incoming,
            TurnBody body,
            Runnable last) {
        return run(lane, jid, origin, incoming, body, last, false);
    }

    private boolean run(
            Lane lane,
            BareJid jid,
            @Nullable ClientSession origin,
            @Nullable Stanza incoming,
            TurnBody body,
            Runnable last,
            boolean behind) {
        return run(lane, jid, origin, incoming, body, last, behind, null);
    }

    /**
     * Runs one turn on the lane's thread.
     *
     * @param last runs after the turn's effects, also when the turn failed and only answered with an error
     * @param behind whether another lane's turn that waits for its sync led to this one: then this one's effects wait, too,
     *     behind that one's
     * @param together collects the effects of a turn that does nothing but send; null if each turn's leave by themselves
     * @return whether the body succeeded
     */
    private boolean run(
            Lane lane,
            BareJid jid,
            @Nullable ClientSession origin,
            @Nullable Stanza incoming,
            TurnBody body,
            Runnable last,
            boolean behind,
            @Nullable List<Runnable> together) {
        lane.assertInLane();
        Instant now = time.instant();
        OwnerState state = lane.state(jid);
        if (state == null) {
            state = directory.load(store, jid);
        }
        LaneTurn turn = new LaneTurn(this, lane, jid, state, now, origin, incoming, behind);
        StanzaException refused;
        boolean decided = false;
        try {
            body.run(turn);
            turn.end();
            decided = true;
            turn.commit(last, together);
            return true;
        } catch (StanzaException e) {
            log.debug("Refused for {}: {}", jid, e.getMessage());
            refused = e;
        } catch (StoreException e) {
            if (decided || !(e instanceof CorruptionException)) {
                sync.fail(e);
                return true;
            }
            // A damaged row concerns whoever needs it; everybody else goes on.
            log.error("A turn of {} failed", jid, e);
            refused = internalError();
        } catch (RuntimeException e) {
            log.error("A turn of {} failed", jid, e);
            refused = internalError();
        }
        turn.discard();
        LaneTurn answer = new LaneTurn(this, lane, jid, state, now, origin, incoming, behind);
        if (incoming != null && !incoming.isAnswer()) {
            answer.answer(incoming.error(refused.error()));
        }
        answer.commit(last, together);
        return false;
    }

    /** The one way of a lane's rows into the store, past what the lane remembers of them. Lane only. */
    void write(Lane lane, Changes changes) {
        Batch batch = changes.toBatch();
        store.write(batch);
        lane.rows().written(batch);
    }

    /** @return whether the effects wait for the sync thread */
    boolean release(Lane lane, boolean wrote, boolean behind, List<Runnable> effects) {
        if (!wrote && !behind && lane.releasesWaiting().get() == 0) {
            letOut(effects);
            return false;
        }
        lane.releasesWaiting().incrementAndGet();
        unfinished.incrementAndGet();
        sync.submit(wrote, () -> {
            letOut(effects);
            lane.releasesWaiting().decrementAndGet();
            unfinished.decrementAndGet();
        });
        return true;
    }

    /** One effect that fails concerns one session or one receiver; the others still happen. */
    private static void letOut(List<Runnable> effects) {
        for (Runnable effect : effects) {
            try {
                effect.run();
            } catch (RuntimeException e) {
                log.error("An effect of a turn failed", e);
            }
        }
    }

    /** Adds something that looks for what is due at each tick, on the ticking thread; it only posts work. */
    public void atEachTick(Consumer<Instant> look) {
        looks.add(look);
    }

    /** Looks for what is due: timers, unanswered questions, rows to sweep. Called four times a second; tests call it. */
    public void tick() {
        Instant tick = time.instant();
        for (Runnable credit = isOverloaded() ? null : heldCredit.poll(); credit != null; credit = heldCredit.poll()) {
            credit.run();
        }
        looks.forEach(look -> look.accept(tick));
        for (int i = 0; i < lanes.length; i++) {
            Lane lane = lanes[i];
            int number = i;
            lane.execute(() -> {
                Instant now = time.instant();
                questions.expire(this, lane, now);
                for (Lane.Later next = lane.due(now); next != null; next = lane.due(now)) {
                    run(lane, next.owner(), null, null, next.body(), Lanes::nothing);
                }
                for (int slot = number; slot < Slots.COUNT; slot += lanes.length) {
                    timers.due(this, slot, now);
                }
                sweepDepartures(lane, number);
                outbox.sweep(store, slot -> slot % lanes.length == number, changes -> {
                    write(lane, changes);
                    release(lane, true, false, List.of());
                });
            });
        }
    }

    private void sweepDepartures(Lane lane, int number) {
        departures.sweep(slot -> slot % lanes.length == number, changes -> {
            write(lane, changes);
            release(lane, true, false, List.of());
        });
    }

    // ---- other servers
    // -----------------------------------------------------------------------------------------------

    /** What has not left for other servers yet, that of a sender in order. */
    public List<Departure> waitingDepartures() {
        return departures.waiting();
    }

    /** It has left, or never will: its row goes soon. Any thread. */
    public void left(Departure departure) {
        departures.left(departure);
    }

    /** A stanza for another server that needs no row. */
    public Departure unrecorded(Stanza stanza) {
        return Departure.unrecorded(stanza, time.instant());
    }

    // ---- parts
    // -------------------------------------------------------------------------------------------------------

    private Lane laneOf(BareJid owner) {
        return lanes[Directory.slotOf(owner) % lanes.length];
    }

    SecureRandom random() {
        return random;
    }

    Directory directory() {
        return directory;
    }

    Outbox outbox() {
        return outbox;
    }

    Departures departures() {
        return departures;
    }

    Timers timers() {
        return timers;
    }

    Questions questions() {
        return questions;
    }

    Outlet outlet() {
        if (outlet == null) {
            throw new IllegalStateException("lanes are not started");
        }
        return outlet;
    }

    /** All owners of a kind, in no order. For administration; reads the whole directory. */
    public void forEachOwner(OwnerKind kind, Consumer<Owner> then) {
        try (Scan<BareJid, Directory.Entry> names = store.scanTable(directory.names())) {
            while (names.hasNext()) {
                Row<BareJid, Directory.Entry> row = names.next();
                Owner owner = directory.ownerOf(row.key(), row.value());
                if (owner != null && owner.kind() == kind) {
                    then.accept(owner);
                }
            }
        }
    }

    /**
     * Shows each bound session to the consumer, on the lane of its account. Returns at once.
     *
     * @param done runs on a lane when all have been shown
     */
    public void forEachSession(Consumer<ClientSession> then, Runnable done) {
        AtomicInteger left = new AtomicInteger(lanes.length);
        for (Lane lane : lanes) {
            lane.execute(() -> {
                lane.activeOwners().forEach(state -> state.sessions.forEach(then));
                if (left.decrementAndGet() == 0) {
                    done.run();
                }
            });
        }
    }

    /** As {@link #forEachSession(Consumer, Runnable)}, but returns when all have been shown. Not on a lane. */
    public void forEachSession(Consumer<ClientSession> then) {
        CountDownLatch done = new CountDownLatch(1);
        forEachSession(then, done::countDown);
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Turns that wait, over all lanes. */
    public int queued() {
        int sum = 0;
        for (Lane lane : lanes) {
            sum += lane.queued();
        }
        return sum;
    }
}
