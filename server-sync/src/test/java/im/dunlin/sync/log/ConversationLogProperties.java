// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Row;
import im.dunlin.storage.Seed;
import im.dunlin.storage.Store;
import im.dunlin.storage.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Random histories of an account against a model that keeps plain lists. */
class ConversationLogProperties {
    private static final BareJid ACCOUNT = BareJid.of("juliet@localhost");
    private static final int STEPS = 1_500;

    private final AtomicReference<ConversationLog> made = new AtomicReference<>();
    private final TestServer server = TestServer.with("log", setup -> made.set(new ConversationLog(setup)));
    private final ConversationLog log = made.get();
    private final Store store = server.store();
    private final Table<ConversationKey, ConversationHead> conversations = store.open(LogTables.CONVERSATIONS);
    private final StampIndex byOrder =
            new StampIndex(store.open(LogTables.BY_ORDER), conversations, ConversationHead::orderPlace);
    private final StampIndex byChange =
            new StampIndex(store.open(LogTables.BY_CHANGE), conversations, ConversationHead::changePlace);

    @AfterEach
    void close() {
        server.close();
    }

    private static final class Conversation {
        final TreeMap<Long, Entry> entries = new TreeMap<>();
        long order;
        long change;
        long read;
        long delivered;
        long displayed;

        long unread() {
            return entries.tailMap(read, false).values().stream()
                    .filter(Entry::counts)
                    .count();
        }

        long last() {
            return entries.entrySet().stream()
                    .filter(e -> e.getValue().shown())
                    .mapToLong(Map.Entry::getKey)
                    .max()
                    .orElse(0);
        }
    }

    private static final class Entry {
        final boolean outbound;
        final boolean isChange;
        boolean counts;
        boolean shown;
        boolean kept = true;
        long changed;
        long by;

        Entry(boolean outbound, boolean counts, boolean shown, boolean isChange) {
            this.outbound = outbound;
            this.counts = counts;
            this.shown = shown;
            this.isChange = isChange;
        }

        boolean counts() {
            return counts;
        }

        boolean shown() {
            return shown;
        }
    }

    private final Map<ConversationKey, Conversation> model = new HashMap<>();
    private final TreeMap<Long, ConversationKey> all = new TreeMap<>();

    @Test
    void headsAndIndexesAreWhatTheHistoryMakesThem() {
        long seed = Seed.next();
        System.out.println("ConversationLogProperties seed " + seed);
        Random random = new Random(seed);
        server.account(ACCOUNT.toString());
        OwnerKey owner = server.turn(ACCOUNT, turn -> turn.owner().key());
        List<Long> stamps = new ArrayList<>(List.of(0L));
        for (int step = 0; step < STEPS; step++) {
            server.time().advance(Duration.ofMillis(random.nextInt(3) * 1_000L));
            server.turn(ACCOUNT, turn -> step(turn, random));
            if (random.nextInt(60) == 0) {
                retractAll(random);
            }
            if (random.nextInt(20) == 0) {
                stamps.add(log.reader().stamp(store, owner));
            }
            if (step % 25 == 0 || step == STEPS - 1) {
                verify(owner, stamps.get(random.nextInt(stamps.size())), "seed " + seed + " step " + step);
            }
        }
    }

    private @org.jspecify.annotations.Nullable Void step(Turn turn, Random random) {
        BareJid peer = BareJid.of("peer" + random.nextInt(12) + "@localhost");
        int kind = random.nextInt(25);
        if (kind >= 20) {
            rewrite(turn, random);
        } else if (kind < 8) {
            append(turn, Way.INBOUND, peer, random);
        } else if (kind < 13) {
            append(turn, Way.OUTBOUND, peer, random);
        } else if (kind < 19 && !all.isEmpty()) {
            mark(turn, random);
        } else {
            prune(turn, random.nextInt(random.nextInt(10) == 0 ? 300 : 5));
        }
        return null;
    }

    private void append(Turn turn, Way way, BareJid peer, Random random) {
        boolean outbound = way == Way.OUTBOUND;
        boolean encrypted = random.nextInt(4) == 0;
        int kind = random.nextInt(6);
        String content = kind == 0
                ? "<reactions id='x' xmlns='urn:xmpp:reactions:0'/>"
                : kind == 1
                        ? "<received id='x' xmlns='urn:xmpp:receipts'/>"
                        : encrypted ? "<encrypted xmlns='eu.siacs.conversations.axolotl'/>" : "<body>wherefore</body>";
        String from = outbound ? ACCOUNT + "/balcony" : peer + "/orchard";
        String to = outbound ? peer.toString() : ACCOUNT.toString();
        Message message = TestStanzas.message(
                "<message type='chat' from='" + from + "' to='" + to + "'>" + content + "</message>");
        long id = log.append(turn, way, message, message.traits());

        ConversationKey key =
                new ConversationKey(peer, kind > 1 && encrypted ? ConversationType.OMEMO : ConversationType.CHAT);
        Conversation conversation = model.computeIfAbsent(key, k -> new Conversation());
        boolean shown = kind > 1;
        conversation.entries.put(id, new Entry(outbound, shown && !outbound, shown, false));
        conversation.change = id;
        if (shown) {
            conversation.order = id;
            conversation.read = outbound ? id : conversation.read;
        }
        all.put(id, key);
    }

    /** Edits or retracts something, perhaps something that is not there any more. */
    private void rewrite(Turn turn, Random random) {
        if (all.isEmpty()) {
            return;
        }
        List<Long> ids = new ArrayList<>(all.keySet());
        long id = ids.get(random.nextInt(ids.size()));
        ConversationKey key = all.get(id);
        Conversation conversation = model.get(key);
        Entry entry = conversation.entries.get(id);
        boolean possible = entry != null && entry.kept;
        if (possible && entry.isChange) {
            return;
        }
        int kind = random.nextInt(4);
        long by = possible && kind < 2 ? tell(turn, key, id, conversation, entry) : 0;
        long version = by != 0 ? by : turn.stamp();
        Payload text = Payload.of(Element.of(Message.BODY, "x".repeat(random.nextInt(100))));
        boolean done = kind % 2 == 0
                ? log.replace(turn, id, text, version, by)
                : log.retract(turn, id, by == 0 ? null : text, version, by);
        assertThat(done).isEqualTo(possible);
        if (!possible) {
            return;
        }
        if (entry.by != 0) {
            conversation.entries.remove(entry.by);
        }
        entry.by = by;
        entry.changed = version;
        conversation.change = version;
        if (kind % 2 == 1) {
            entry.kept = false;
            entry.counts = false;
            entry.shown = false;
            if (by == 0) {
                conversation.entries.remove(id);
            }
        }
    }

    private long tell(Turn turn, ConversationKey key, long id, Conversation conversation, Entry entry) {
        String from = entry.outbound ? ACCOUNT + "/balcony" : key.peer() + "/orchard";
        String to = entry.outbound ? key.peer().toString() : ACCOUNT.toString();
        Message message = TestStanzas.message("<message type='chat' from='" + from + "' to='" + to
                + "'><body>no</body><replace xmlns='urn:xmpp:message-correct:0' id='x'/></message>");
        Row<Long, LogEntry> target = new Row<>(turn.owner().key(), id, log.entry(turn, id));
        long by = log.append(turn, entry.outbound ? Way.OUTBOUND : Way.INBOUND, message, message.traits(), target);
        conversation.entries.put(by, new Entry(entry.outbound, false, false, true));
        all.put(by, key);
        return by;
    }

    private void retractAll(Random random) {
        List<ConversationKey> keys = new ArrayList<>(model.keySet());
        if (keys.isEmpty()) {
            return;
        }
        ConversationKey key = keys.get(random.nextInt(keys.size()));
        Conversation conversation = model.get(key);
        long version = server.turn(ACCOUNT, turn -> log.retractAll(turn, key));
        assertThat(version != 0).isEqualTo(!conversation.entries.isEmpty());
        // Until its rows are cleared away: what prunes counts them too.
        for (int i = 0; i < 2 + STEPS / Clearing.AT_ONCE; i++) {
            server.after(Duration.ZERO);
        }
        if (version != 0) {
            conversation.entries.keySet().forEach(all::remove);
            conversation.entries.clear();
            conversation.change = version;
        }
    }

    private void mark(Turn turn, Random random) {
        List<Long> ids = new ArrayList<>(all.keySet());
        long id = ids.get(random.nextInt(ids.size()));
        ConversationKey key = all.get(id);
        Conversation conversation = model.get(key);
        int which = random.nextInt(3);
        long stamp = turn.stamp();
        boolean news;
        if (which == 0) {
            news = log.read(turn, key, id, () -> stamp);
            assertThat(news).isEqualTo(id > conversation.read);
            conversation.read = Math.max(id, conversation.read);
        } else if (which == 1) {
            news = log.delivered(turn, key, id, () -> stamp);
            assertThat(news).isEqualTo(id > conversation.delivered);
            conversation.delivered = Math.max(id, conversation.delivered);
        } else {
            news = log.displayed(turn, key, id, () -> stamp);
            assertThat(news).isEqualTo(id > conversation.displayed);
            conversation.displayed = Math.max(id, conversation.displayed);
        }
        conversation.change = news ? stamp : conversation.change;
    }

    private void prune(Turn turn, int count) {
        Map<ConversationKey, Long> unread = new HashMap<>();
        Map<ConversationKey, Long> last = new HashMap<>();
        model.forEach((key, conversation) -> {
            unread.put(key, conversation.unread());
            last.put(key, conversation.last());
        });
        int removed = log.prune(turn, entry -> true, count);
        assertThat(removed).isEqualTo(Math.min(count, all.size()));
        for (int i = 0; i < removed; i++) {
            Map.Entry<Long, ConversationKey> oldest = all.pollFirstEntry();
            model.get(oldest.getValue()).entries.remove(oldest.getKey());
        }
        model.forEach((key, conversation) -> {
            if (conversation.unread() != unread.get(key) || conversation.last() != last.get(key)) {
                // The log chose the number; what matters is that the change is seen, which the delta below tells.
                conversation.change = log.head(turn, key).changeStamp();
                assertThat(conversation.change).isGreaterThan(oldestOr(0));
            }
        });
    }

    private long oldestOr(long absent) {
        return all.isEmpty() ? absent : all.firstKey();
    }

    private void verify(OwnerKey owner, long since, String where) {
        Map<Long, ConversationKey> order = new HashMap<>();
        Map<Long, ConversationKey> change = new HashMap<>();
        Set<ConversationKey> changed = new HashSet<>();
        model.forEach((key, expected) -> {
            ConversationHead head = store.get(conversations, owner, key);
            assertThat(head).as("%s %s", where, key).isNotNull();
            assertThat(head.unread()).as("unread %s %s", where, key).isEqualTo(expected.unread());
            assertThat(head.lastMessage()).as("last %s %s", where, key).isEqualTo(expected.last());
            assertThat(head.orderStamp()).as("order %s %s", where, key).isEqualTo(expected.order);
            assertThat(head.changeStamp()).as("change %s %s", where, key).isEqualTo(expected.change);
            assertThat(head.positions())
                    .as("positions %s %s", where, key)
                    .isEqualTo(new ConversationHead.Positions(expected.read, expected.delivered, expected.displayed));
            Digest digest = Digest.EMPTY;
            for (Map.Entry<Long, Entry> entry : expected.entries.entrySet()) {
                long id = entry.getKey();
                digest = digest.plus(id, entry.getValue().changed == 0 ? id : entry.getValue().changed);
            }
            assertThat(head.digest()).as("digest %s %s", where, key).isEqualTo(digest);
            if (expected.order != 0) {
                order.put(expected.order, key);
                if (expected.change != expected.order) {
                    change.put(expected.change, key);
                }
                if (expected.change > since) {
                    changed.add(key);
                }
            }
        });
        assertThat(log.check().check(store, owner, ACCOUNT)).as(where).isEmpty();
        assertThat(rows(byOrder, owner)).as("order %s", where).isEqualTo(order);
        assertThat(rows(byChange, owner)).as("changes %s", where).isEqualTo(change);
        Set<ConversationKey> delta = new HashSet<>();
        log.reader().changedSince(store, owner, since, 1_000).forEach(row -> delta.add(row.key()));
        assertThat(delta).as("since %s %s", since, where).isEqualTo(changed);
        List<ConversationKey> newest = new ArrayList<>();
        log.reader().newest(store, owner, Long.MAX_VALUE, 1_000).forEach(row -> newest.add(row.key()));
        assertThat(newest)
                .as(where)
                .containsExactlyElementsOf(new TreeMap<>(order).descendingMap().values());
    }

    private Map<Long, ConversationKey> rows(StampIndex index, OwnerKey owner) {
        Map<Long, ConversationKey> rows = new HashMap<>();
        index.list(store, owner, 0, Long.MAX_VALUE, Direction.FORWARD, Integer.MAX_VALUE)
                .forEach(row -> rows.put(row.key(), row.value()));
        return rows;
    }
}
