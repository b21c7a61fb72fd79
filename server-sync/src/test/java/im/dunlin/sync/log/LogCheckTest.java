// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.storage.Keys;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Store;
import im.dunlin.sync.log.LogCheck.Damage;
import im.dunlin.sync.log.LogTables.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A damaged row is found, and named by account, conversation and ids. */
class LogCheckTest {
    private static final BareJid ACCOUNT = BareJid.of("juliet@localhost");
    private static final BareJid ROMEO = BareJid.of("romeo@localhost");
    private static final ConversationKey CHAT = new ConversationKey(ROMEO, ConversationType.CHAT);

    private final AtomicReference<ConversationLog> made = new AtomicReference<>();
    private final TestServer server = TestServer.with("log", setup -> made.set(new ConversationLog(setup)));
    private final ConversationLog log = made.get();
    private final Store store = server.store();
    private final List<Long> ids = new ArrayList<>();
    private OwnerKey owner = OwnerKey.CLUSTER;

    @BeforeEach
    void write() {
        server.account(ACCOUNT.toString());
        owner = server.turn(ACCOUNT, turn -> turn.owner().key());
        for (int i = 0; i < 6; i++) {
            // Far enough from each other to close a bucket of the digest.
            server.time().advance(Duration.ofDays(5));
            server.turn(ACCOUNT, this::append);
        }
        server.turn(ACCOUNT, turn -> log.read(turn, CHAT, ids.get(2), turn::stamp));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private long append(Turn turn) {
        int n = ids.size();
        Message message = TestStanzas.message("<message type='chat' id='m" + n + "' from='romeo@localhost/orchard' to='"
                + ACCOUNT + "'><body>wherefore</body></message>");
        ids.add(log.append(turn, Way.INBOUND, message, message.traits()));
        return ids.get(n);
    }

    private List<Damage> found() {
        return log.check().check(store, owner, ACCOUNT);
    }

    private void damage(Consumer<Turn> how) {
        server.turn(ACCOUNT, turn -> {
            how.accept(turn);
            return null;
        });
    }

    private ConversationHead head() {
        return store.get(store.open(LogTables.CONVERSATIONS), owner, CHAT);
    }

    private static Damage at(long id, String what) {
        return new Damage(CHAT, id, id, what);
    }

    @Test
    void whatTheLogWroteAgrees() {
        assertThat(found()).isEmpty();
    }

    @Test
    void missingEntryIsNamed() {
        long lost = ids.get(1);
        damage(turn -> turn.delete(store.open(LogTables.LOG), lost));
        assertThat(found()).contains(at(lost, "an entry is missing")).hasSizeGreaterThan(1);
    }

    @Test
    void entryThatNoConversationListsIsNamed() {
        long lost = ids.get(1);
        damage(turn -> turn.delete(store.open(LogTables.BY_CONVERSATION), new Place(head().number(), lost)));
        assertThat(found()).contains(at(lost, "an entry is in no conversation"));
    }

    @Test
    void changedDigestOfOldEntriesNamesTheirRange() {
        long old = ids.get(0);
        Place place = new Place(head().number(), Digest.bucketOf(old));
        damage(turn -> turn.put(store.open(LogTables.DIGESTS), place, new Digest(7, 7)));
        assertThat(found()).singleElement().satisfies(damage -> {
            assertThat(damage.from()).isLessThanOrEqualTo(old);
            assertThat(damage.to()).isGreaterThanOrEqualTo(old).isLessThan(ids.get(5));
        });
    }

    @Test
    void wrongUnreadCountIsNamed() {
        ConversationHead head = head();
        damage(turn -> turn.put(
                store.open(LogTables.CONVERSATIONS), CHAT, head.withPositions(head.positions(), head.unread() + 1)));
        assertThat(found())
                .extracting(Damage::what)
                .containsExactly(
                        "unread: 4 is kept, 3 is there",
                        "unread in all: UnreadSums[peers=1, messages=3] is kept, UnreadSums[peers=1, messages=4] is there");
    }

    @Test
    void entryThatItsIdsDoNotFindIsNamed() {
        long lost = ids.get(4);
        damage(turn -> {
            LogEntry entry = log.entry(turn, lost);
            Lookups.of(entry, ROMEO, lost)
                    .keySet()
                    .forEach(lookup -> turn.delete(store.open(LogTables.LOOKUP), lookup));
        });
        assertThat(found()).containsExactly(at(lost, "an entry cannot be found by its ids"));
    }

    @Test
    void conversationThatNoIndexShowsIsNamed() {
        long order = head().orderStamp();
        damage(turn -> turn.deleteAll(store.open(LogTables.BY_ORDER)));
        assertThat(found()).containsExactly(at(order, "not in conversations-by-order"));
    }

    @Test
    void stalePlaceInAnIndexIsNamed() {
        damage(turn -> turn.put(store.open(LogTables.BY_CHANGE), 5L, CHAT));
        assertThat(found()).containsExactly(at(5, "a stale place in the changes"));
    }

    @Test
    void wrongCountOfConversationsIsNamed() {
        damage(turn -> turn.put(store.open(LogTables.COUNT), Keys.Single.ROW, 7L));
        assertThat(found()).extracting(Damage::what).containsExactly("conversations: 7 are kept, 1 are there");
    }

    @Test
    void wrongSumsOfTheUnreadAreNamed() {
        damage(turn -> turn.put(store.open(LogTables.UNREAD_SUMS), Keys.Single.ROW, new LogTables.UnreadSums(2, 3)));
        assertThat(found())
                .extracting(Damage::what)
                .containsExactly(
                        "unread in all: UnreadSums[peers=2, messages=3] is kept, UnreadSums[peers=1, messages=3] is there");
    }

    @Test
    void unreadConversationThatNoIndexShowsIsNamed() {
        long order = head().orderStamp();
        damage(turn -> turn.deleteAll(store.open(LogTables.UNREAD)));
        assertThat(found()).containsExactly(at(order, "not in conversations-by-unread"));
    }

    @Test
    void wrongUnreadMentionIsNamed() {
        damage(turn -> turn.put(store.open(LogTables.CONVERSATIONS), CHAT, head().withUnreadMention(ids.get(4))));
        assertThat(found())
                .extracting(Damage::what)
                .containsExactly("unread mention: " + ids.get(4) + " is kept, 0 is there");
    }

    @Test
    void wrongCountOfPlacesIsNamed() {
        damage(turn -> log.retract(turn, ids.get(1), null, turn.stamp(), 0));
        assertThat(found()).isEmpty();
        damage(turn -> turn.delete(store.open(LogTables.GONE_COUNT), Keys.Single.ROW));
        assertThat(found())
                .extracting(Damage::what)
                .containsExactly("places of what is gone: null are kept, 1 are there");
    }

    @Test
    void ruinedAccountIsNotListedWithoutEnd() {
        damage(turn -> {
            for (long id = 1; id <= 3L * LogCheck.MAX_DAMAGE; id++) {
                turn.put(store.open(LogTables.BY_CHANGE), id, CHAT);
            }
        });
        assertThat(found()).hasSize(LogCheck.MAX_DAMAGE);
    }
}
