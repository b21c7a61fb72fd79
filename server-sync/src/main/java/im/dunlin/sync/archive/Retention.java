// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.config.ArchiveRetention;
import im.dunlin.core.config.HostConfig;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.storage.Keys;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import im.dunlin.sync.log.ChangeObserver;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;

/**
 * How long archives are kept: once a day the oldest messages of an account go, those above the age of its host and those
 * that are too many for its quota.
 *
 * <p>A durable timer goes round from an account's first message on. It works in batches, so that years of messages that
 * expire at once are many short turns.
 */
final class Retention {
    private static final String TIMER = "archive-retention";
    private static final Duration PERIOD = Duration.ofDays(1);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Entries that one turn removes; each is four to six rows. */
    static final int BATCH = 500;

    /** There is a row exactly if a timer goes round. */
    static final TableSpec<Keys.Single, Boolean> RETENTION =
            new TableSpec<>("archive-retention", Shape.POINT, Keys.SINGLE, Values.PRESENT);

    private static final CacheKey<Boolean> RUNNING = new CacheKey<>("archive.retention");

    private final ServerConfig config;
    private final ConversationLog log;
    private final LogReader reader;
    private final Table<Keys.Single, Boolean> table;

    Retention(Setup setup, ConversationLog log) {
        this.config = setup.config();
        this.log = log;
        this.reader = log.reader();
        this.table = setup.table(RETENTION);
        setup.timer(TIMER, this::due);
    }

    void declare() {
        log.observe((turn, key, head, cause) -> {
            if (cause == ChangeObserver.Cause.MESSAGE) {
                recorded(turn);
            }
        });
    }

    /** What a timer knows: a name that was removed and made again is another account with a timer of its own. */
    private record Task(long account, boolean isRest) {
        byte[] encode() {
            return ByteBuffer.allocate(10)
                    .put((byte) 1)
                    .putLong(account)
                    .put((byte) (isRest ? 1 : 0))
                    .array();
        }

        static Task decode(byte[] data) {
            ByteBuffer in = ByteBuffer.wrap(data, 1, 9);
            return new Task(in.getLong(), in.get() == 1);
        }
    }

    /** Something was archived. */
    private void recorded(Turn turn) {
        if (turn.cached(RUNNING, () -> turn.get(table, Keys.Single.ROW) != null)) {
            return;
        }
        turn.put(table, Keys.Single.ROW, true);
        turn.forget(RUNNING);
        // Spread over the day, so that accounts which began together do not all expire together.
        long spread = Math.floorMod(turn.jid().hashCode(), PERIOD.toSeconds());
        schedule(turn, turn.now().plusSeconds(spread), false);
    }

    private static void schedule(Turn turn, Instant due, boolean isRest) {
        turn.schedule(TIMER, due, new Task(turn.owner().key().number(), isRest).encode());
    }

    private void due(byte[] data, Turn turn) {
        Task task = Task.decode(data);
        OwnerKey account = turn.owner().key();
        if (task.account() != account.number()) {
            return;
        }
        if (!task.isRest()) {
            schedule(turn, turn.now().plus(PERIOD), false);
        }
        HostConfig host = config.hosts().get(turn.jid().domain());
        if (host == null) {
            return;
        }
        ArchiveRetention retention = host.retention();
        if (retention.quotaBytes() == 0) {
            prune(turn, retention, 0);
        } else {
            turn.read(
                    snapshot -> reader.size(snapshot, account).bytes(),
                    (then, bytes) -> prune(then, retention, bytes - retention.quotaBytes()));
        }
    }

    /** @param excess bytes that are too many */
    private void prune(Turn turn, ArchiveRetention retention, long excess) {
        if (!turn.exists()) {
            return;
        }
        long oldest =
                retention.age().isZero() ? Long.MIN_VALUE : Micros.of(turn.now().minus(retention.age()));
        Predicate<LogEntry> goes = new Predicate<>() {
            private long left = excess;

            @Override
            public boolean test(LogEntry entry) {
                boolean test = left > 0 || entry.received() < oldest;
                left -= entry.bytes();
                return test;
            }
        };
        int gone = log.prune(turn, goes, BATCH);
        if (gone > 0) {
            // Where many conversations change, their devices are told of a few at a time.
            schedule(turn, gone == BATCH ? turn.now() : turn.now().plus(PAUSE), true);
        }
    }
}
