// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.service;

import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.push.registration.Sealing;
import im.dunlin.storage.Direction;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The devices that registered with the service of a host, which is their owner.
 *
 * <pre>
 * push-targets         hash of the account · hash of the device → the target, encrypted ({@link Sealing})
 * push-targets-used    the same → when its provider last took a push for it, to within a month
 * push-targets-alarm   –        → when old ones are looked for, in microseconds
 * </pre>
 *
 * <p>The node is its row's key. It is the same whenever the same device registers, and nobody else finds it: the hashes are made
 * with a secret of this server.
 */
final class Targets {
    private static final String TABLE = "push-targets";

    /** Devices and rooms of one account; the one that registered longest ago gives way. */
    private static final int PER_ACCOUNT = 50;

    /** @param account hash of it @param device hash of the account and what it calls the device */
    record Node(long account, long device) {
        private static final int BYTES = 2 * Long.BYTES;

        /** As publishers know it. */
        String text() {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes());
        }

        private byte[] bytes() {
            return ByteBuffer.allocate(BYTES).putLong(account).putLong(device).array();
        }

        private static Node of(byte[] bytes) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new Node(buffer.getLong(), buffer.getLong());
        }

        /** Null for what is none of ours. */
        static @Nullable Node parse(String text) {
            try {
                byte[] bytes = Base64.getUrlDecoder().decode(text);
                return bytes.length == BYTES ? of(bytes) : null;
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
    }

    private static final byte[] NO_NODE = {};

    private static final KeyCodec<Node> NODES = new KeyCodec<>() {
        @Override
        public void write(Node key, KeyWriter out) {
            out.u64(key.account()).u64(key.device());
        }

        @Override
        public Node read(KeyReader in) {
            return new Node(in.u64(), in.u64());
        }
    };

    static final TableSpec<Node, byte[]> TARGETS = new TableSpec<>(TABLE, Shape.POINT, NODES, Values.BYTES);

    static final TableSpec<Node, Long> USED = new TableSpec<>("push-targets-used", Shape.POINT, NODES, Values.LONG);

    static final TableSpec<Keys.Single, Long> ALARM =
            new TableSpec<>("push-targets-alarm", Shape.POINT, Keys.SINGLE, Values.LONG);

    private static final String SWEEP = "push-targets-sweep";

    /** Providers forget tokens that are not used for so long; so who did neither register nor get anything is gone. */
    private static final Duration KEPT = Duration.ofDays(270);

    private static final Duration USED_WITHIN = Duration.ofDays(30);
    private static final Duration SWEPT_EACH = Duration.ofDays(1);

    /** Rows that one turn looks through. */
    private static final int AT_ONCE = 1_000;

    private final Table<Node, byte[]> table;
    private final Table<Node, Long> used;
    private final Table<Keys.Single, Long> alarm;
    private final Sealing sealing;
    private final byte[] secret;

    Targets(Setup setup) {
        secret = setup.secret("push-targets");
        sealing = new Sealing(setup.secret("push"));
        table = setup.table(TARGETS);
        used = setup.table(USED);
        alarm = setup.table(ALARM);
        setup.timer(SWEEP, this::sweep);
    }

    /** @param device what the account calls it, of what kind it is included */
    Node node(BareJid account, String device) {
        return new Node(hash(account.toString()), hash(account + "\0" + device));
    }

    private long hash(String text) {
        return ByteBuffer.wrap(ScramHash.SHA_256.hmac(secret, text.getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }

    @Nullable
    Target get(Node node, Turn turn) {
        byte[] sealed = turn.get(table, node);
        return sealed == null ? null : open(node, sealed, turn);
    }

    private Target open(Node node, byte[] sealed, Turn turn) {
        return Target.VALUE.read(sealing.open(TABLE, turn.owner().key(), place(node), sealed));
    }

    /** What is authenticated with the row. */
    private static long place(Node node) {
        return node.account() * 31 + node.device();
    }

    void put(Node node, Target target, Turn turn) {
        if (turn.get(table, node) == null) {
            makeRoom(node, turn);
        }
        if (turn.get(alarm, Keys.Single.ROW) == null) {
            sweepAt(turn.now().plus(SWEPT_EACH), NO_NODE, turn);
        }
        byte[] plain = Target.VALUE.write(target);
        turn.put(table, node, sealing.seal(TABLE, turn.owner().key(), place(node), plain));
    }

    /** Its provider took a push for it. */
    void used(Node node, Turn turn) {
        Long last = turn.get(used, node);
        if (last == null || Micros.toInstant(last).plus(USED_WITHIN).isBefore(turn.now())) {
            turn.put(used, node, Micros.of(turn.now()));
        }
    }

    private void sweepAt(Instant when, byte[] from, Turn turn) {
        turn.put(alarm, Keys.Single.ROW, Micros.of(when));
        turn.schedule(SWEEP, when, from);
    }

    /** @param from the node behind which it goes on; {@link #NO_NODE} for the beginning */
    private void sweep(byte[] from, Turn turn) {
        Range<Node> range = Range.all();
        if (from.length == Node.BYTES) {
            range = range.above(Node.of(from));
        }
        List<Row<Node, byte[]>> rows = turn.scan(table, range, Direction.FORWARD, AT_ONCE);
        for (Row<Node, byte[]> row : rows) {
            Long last = turn.get(used, row.key());
            long lived = Math.max(
                    last == null ? 0 : last, open(row.key(), row.value(), turn).registered());
            if (Micros.toInstant(lived).plus(KEPT).isBefore(turn.now())) {
                remove(row.key(), turn);
            }
        }
        if (rows.size() == AT_ONCE) {
            sweepAt(turn.now(), rows.get(AT_ONCE - 1).key().bytes(), turn);
        } else if (rows.isEmpty() && from.length == 0) {
            turn.delete(alarm, Keys.Single.ROW);
        } else {
            sweepAt(turn.now().plus(SWEPT_EACH), NO_NODE, turn);
        }
    }

    private void makeRoom(Node added, Turn turn) {
        List<Row<Node, byte[]>> known = ofAccount(added.account(), turn);
        if (known.size() < PER_ACCOUNT) {
            return;
        }
        Node oldest = null;
        long since = Long.MAX_VALUE;
        for (Row<Node, byte[]> row : known) {
            long registered = open(row.key(), row.value(), turn).registered();
            if (registered < since) {
                since = registered;
                oldest = row.key();
            }
        }
        if (oldest != null) {
            remove(oldest, turn);
        }
    }

    private List<Row<Node, byte[]>> ofAccount(long account, Turn turn) {
        return turn.scan(table, Range.prefix(key -> key.u64(account)), Direction.FORWARD, PER_ACCOUNT);
    }

    void remove(Node node, Turn turn) {
        turn.delete(used, node);
        turn.delete(table, node);
    }

    /** Removes those of an account of which that is true. */
    void removeIf(BareJid account, Predicate<Target> which, Turn turn) {
        for (Row<Node, byte[]> row : ofAccount(hash(account.toString()), turn)) {
            if (which.test(open(row.key(), row.value(), turn))) {
                remove(row.key(), turn);
            }
        }
    }

    /** Removes all of an account. */
    void forget(BareJid account, Turn turn) {
        long hash = hash(account.toString());
        turn.deletePrefix(table, key -> key.u64(hash));
        turn.deletePrefix(used, key -> key.u64(hash));
    }
}
