// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.storage.Direction;
import im.dunlin.storage.FaultyStore;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Row;
import im.dunlin.storage.memory.MemoryStore;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The disk fails at each point of a conversation in turn; what is there afterwards fits together. */
class ArchiveCrashTest {
    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final BareJid ROMEO = BareJid.of("romeo@localhost");

    /** Nobody is there when recovery records, but nobody can be told any more that a message was refused. */
    private static final ServerConfig NOBODY_WAITS =
            ArchiveFixture.config("hosts: { localhost: { limits: { offlineStrangers: 0 } } }");

    private enum Fault {
        AT_WRITE(FaultyStore::failAtWrite, 0),
        BEHIND_WRITE(FaultyStore::failBehindWrite, 0),
        AT_SYNC(FaultyStore::failAtSync, 0),
        /** And one of the writes that were not synced is on the disk nevertheless. */
        AT_SYNC_BEHIND_ONE(FaultyStore::failAtSync, 1),
        AT_SYNC_BEHIND_TWO(FaultyStore::failAtSync, 2);

        private final BiConsumer<FaultyStore, Integer> cause;
        private final int unsyncedKept;

        Fault(BiConsumer<FaultyStore, Integer> cause, int unsyncedKept) {
            this.cause = cause;
            this.unsyncedKept = unsyncedKept;
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void bothArchivesHaveTheSameAndEachFitsItsHead(Fault fault) {
        int at = 0;
        boolean reached = true;
        while (reached) {
            FaultyStore faulty = new FaultyStore(MemoryStore::new);
            TestServer.TestTime time = new TestServer.TestTime();
            TestServer server = TestServer.with(faulty, time, ArchiveFixture.modules());
            TestClient romeo = ArchiveFixture.online(server, "romeo@localhost/orchard");
            TestClient juliet = ArchiveFixture.online(server, "juliet@localhost/balcony");
            int before = romeo.credit();
            fault.cause.accept(faulty, at);

            romeo.sends("<message type='chat' id='m1' to='juliet@localhost'><body>one</body></message>");
            boolean acknowledged = romeo.credit() > before;
            boolean delivered = juliet.waiting() > 0;
            juliet.sends(
                    "<message type='chat' to='romeo@localhost'><displayed id='m1' xmlns='urn:xmpp:chat-markers:0'/>"
                            + "<body>two</body></message>");
            reached = server.hasFailed();
            server.kill();
            faulty.crash(FaultyStore.Crash.MACHINE, fault.unsyncedKept);

            try (TestServer restarted = TestServer.with(faulty, time, NOBODY_WAITS, ArchiveFixture.modules())) {
                String where = fault + " " + at;
                List<String> hers = verify(restarted, JULIET, ROMEO, where);
                List<String> his = verify(restarted, ROMEO, JULIET, where);
                // In either order: what recovery records comes after what was recorded meanwhile.
                assertThat(hers).as(where).containsExactlyInAnyOrderElementsOf(his);
                if (acknowledged || delivered) {
                    assertThat(hers).as(where).contains("one");
                }
            }
            at++;
        }
        // Each of two messages is synced, with both its sides at best.
        assertThat(at).isGreaterThan(2);
    }

    private static List<String> verify(TestServer server, BareJid account, BareJid peer, String where) {
        ConversationLog log = server.modules().provided(ConversationLog.class);
        LogReader reader = log.reader();
        OwnerKey owner = server.turn(account, turn -> turn.owner().key());
        List<Long> ids = new ArrayList<>();
        List<String> bodies = new ArrayList<>();
        try (LogReader.Entries entries = reader.entries(server.store(), owner, 0, Long.MAX_VALUE, Direction.FORWARD)) {
            for (Row<Long, LogEntry> row = entries.next(); row != null; row = entries.next()) {
                ids.add(row.key());
                bodies.add(row.value().message().payload().text(Message.BODY));
            }
        }
        List<Long> listed = new ArrayList<>();
        try (LogReader.Entries entries =
                reader.entries(server.store(), owner, peer, 0, Long.MAX_VALUE, Direction.FORWARD)) {
            for (Row<Long, LogEntry> row = entries.next(); row != null; row = entries.next()) {
                listed.add(row.key());
            }
        }
        assertThat(listed).as(where).isEqualTo(ids);
        ConversationHead head =
                server.turn(account, (Turn turn) -> log.head(turn, new ConversationKey(peer, ConversationType.CHAT)));
        if (ids.isEmpty()) {
            assertThat(head).as(where).isNull();
        } else {
            assertThat(head.lastMessage()).as(where).isEqualTo(ids.get(ids.size() - 1));
            assertThat(head.digest().count()).as(where).isEqualTo(ids.size());
            assertThat(reader.newest(server.store(), owner, Long.MAX_VALUE, 10))
                    .as(where)
                    .hasSize(1);
        }
        return bodies;
    }
}
