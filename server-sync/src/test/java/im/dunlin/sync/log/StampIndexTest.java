// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Store;
import im.dunlin.storage.Table;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The row of the newest conversation may lie behind its place, and nobody who reads can tell. */
class StampIndexTest {
    private static final BareJid ACCOUNT = BareJid.of("juliet@localhost");
    private static final ConversationKey ROMEO = chat("romeo@localhost");
    private static final ConversationKey NURSE = chat("nurse@localhost");
    private static final int ALL = 100;

    private final AtomicReference<ConversationLog> made = new AtomicReference<>();
    private final TestServer server = TestServer.with("log", setup -> made.set(new ConversationLog(setup)));
    private final ConversationLog log = made.get();
    private final Store store = server.store();
    private final Table<Long, ConversationKey> rows = store.open(LogTables.BY_ORDER);
    private final StampIndex index =
            new StampIndex(rows, store.open(LogTables.CONVERSATIONS), ConversationHead::orderPlace);
    private OwnerKey account = OwnerKey.CLUSTER;

    @BeforeEach
    void register() {
        server.account(ACCOUNT.toString());
        account = server.turn(ACCOUNT, turn -> turn.owner().key());
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static ConversationKey chat(String peer) {
        return new ConversationKey(BareJid.of(peer), ConversationType.CHAT);
    }

    private long message(ConversationKey from) {
        Message message = TestStanzas.message(
                "<message type='chat' from='" + from.peer() + "' to='" + ACCOUNT + "'><body>hark</body></message>");
        return server.turn(ACCOUNT, turn -> log.append(turn, Way.INBOUND, message, message.traits()));
    }

    private List<Row<Long, ConversationKey>> rows() {
        return store.list(rows, account, Range.all(), Direction.FORWARD, ALL);
    }

    private List<Row<Long, ConversationKey>> places(long above, long below, Direction direction, int limit) {
        return index.list(store, account, above, below, direction, limit);
    }

    private Row<Long, ConversationKey> at(long place, ConversationKey key) {
        return new Row<>(account, place, key);
    }

    @Test
    void messagesOfTheNewestConversationMoveNoRow() {
        long nurse = message(NURSE);
        long first = message(ROMEO);
        long last = message(ROMEO);
        assertThat(rows()).containsExactly(at(nurse, NURSE), at(first, ROMEO));
        assertThat(places(0, Long.MAX_VALUE, Direction.FORWARD, ALL))
                .containsExactly(at(nurse, NURSE), at(last, ROMEO));
    }

    @Test
    void anotherConversationPutsTheNewestWhereItBelongs() {
        message(ROMEO);
        long romeo = message(ROMEO);
        long nurse = message(NURSE);
        assertThat(rows()).containsExactly(at(romeo, ROMEO), at(nurse, NURSE));
    }

    @Test
    void boundsAreThoseOfPlacesAndNotOfRows() {
        long first = message(ROMEO);
        long last = message(ROMEO);
        assertThat(places(first, Long.MAX_VALUE, Direction.FORWARD, ALL)).containsExactly(at(last, ROMEO));
        assertThat(places(0, last, Direction.BACKWARD, ALL)).isEmpty();
        assertThat(places(last, Long.MAX_VALUE, Direction.FORWARD, ALL)).isEmpty();
    }

    @Test
    void limitHoldsForTheNewestToo() {
        long nurse = message(NURSE);
        message(ROMEO);
        long romeo = message(ROMEO);
        assertThat(places(0, Long.MAX_VALUE, Direction.FORWARD, 1)).containsExactly(at(nurse, NURSE));
        assertThat(places(0, Long.MAX_VALUE, Direction.BACKWARD, 1)).containsExactly(at(romeo, ROMEO));
    }

    @Test
    void conversationThatIsTakenOutLeavesNoRow() {
        long nurse = message(NURSE);
        message(ROMEO);
        message(ROMEO);
        server.turn(ACCOUNT, turn -> log.delete(turn, ROMEO));
        assertThat(rows()).containsExactly(at(nurse, NURSE));
        long again = message(NURSE);
        assertThat(places(0, Long.MAX_VALUE, Direction.FORWARD, ALL)).containsExactly(at(again, NURSE));
    }

    @Test
    void laneThatRemembersNothingGoesOnTheSame() {
        message(ROMEO);
        long romeo = message(ROMEO);
        // A turn that fails leaves nothing cached.
        server.turn(ACCOUNT, turn -> {
            throw new IllegalStateException("on purpose");
        });
        long nurse = message(NURSE);
        assertThat(rows()).containsExactly(at(romeo, ROMEO), at(nurse, NURSE));
    }
}
