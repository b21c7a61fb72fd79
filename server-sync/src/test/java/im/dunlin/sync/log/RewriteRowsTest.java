// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.TableSpec;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What edits and retractions leave behind goes with what it is about. */
class RewriteRowsTest {
    private static final BareJid ACCOUNT = BareJid.of("juliet@localhost");
    private static final ConversationKey KEY =
            new ConversationKey(BareJid.of("romeo@localhost"), ConversationType.CHAT);
    private static final Payload TEXT = Payload.of(Element.of(Message.BODY, "edited"));

    private final AtomicReference<ConversationLog> made = new AtomicReference<>();
    private final TestServer server = TestServer.with("log", setup -> made.set(new ConversationLog(setup)));
    private final ConversationLog log = made.get();

    RewriteRowsTest() {
        server.account(ACCOUNT.toString());
    }

    @AfterEach
    void close() {
        server.close();
    }

    private long append() {
        server.time().advance(Duration.ofSeconds(1));
        Message message = TestStanzas.message("<message type='chat' id='m' from='romeo@localhost/orchard'"
                + " to='juliet@localhost'><body>said</body></message>");
        return server.turn(ACCOUNT, turn -> log.append(turn, Way.INBOUND, message, message.traits()));
    }

    private void edit(long id) {
        server.turn(ACCOUNT, turn -> log.replace(turn, id, TEXT, turn.stamp(), 0));
    }

    private void pruneOne() {
        AtomicInteger left = new AtomicInteger(1);
        server.turn(ACCOUNT, turn -> log.prune(turn, entry -> left.getAndDecrement() > 0, 100));
    }

    private int rows(TableSpec<?, ?> spec) {
        try (var rows = server.store().scanTable(server.store().open(spec))) {
            return rows.take(1_000).size();
        }
    }

    @Test
    void rewritesGoWithTheLastEntriesThatTheyCouldBeAbout() {
        long first = append();
        edit(first);
        edit(first);
        long second = append();
        edit(first);
        append();

        pruneOne();
        assertThat(rows(LogTables.REWRITES))
                .as("the third is younger than what is left")
                .isEqualTo(1);
        assertThat(rows(LogTables.REWRITES_BY_CONVERSATION)).isEqualTo(1);

        edit(second);
        pruneOne();
        assertThat(rows(LogTables.REWRITES)).isEqualTo(1);
    }

    @Test
    void rewritesOfARetractedConversationGoButForTheLast() {
        long id = append();
        for (int i = 0; i < 10; i++) {
            edit(id);
        }

        server.turn(ACCOUNT, turn -> log.retractAll(turn, KEY));
        server.after(Duration.ofSeconds(1));

        assertThat(rows(LogTables.REWRITES)).isEqualTo(1);
        assertThat(rows(LogTables.REWRITES_BY_CONVERSATION)).isEqualTo(1);
        assertThat(rows(LogTables.LOG)).isZero();
        assertThat(rows(LogTables.LOOKUP)).isZero();
        assertThat(rows(LogTables.BY_CONVERSATION)).isZero();
        assertThat(rows(LogTables.CLEARING)).isZero();
    }

    @Test
    void retractedConversationIsToldAsLongAsSomebodyMayHaveIt() {
        append();
        long other = server.turn(ACCOUNT, turn -> {
            Message message = TestStanzas.message("<message type='chat' id='n' from='nurse@localhost/house'"
                    + " to='juliet@localhost'><body>said</body></message>");
            return log.append(turn, Way.INBOUND, message, message.traits());
        });
        append();
        server.turn(ACCOUNT, turn -> log.retractAll(turn, KEY));
        server.after(Duration.ofSeconds(1));
        append();

        pruneOne();
        LogEntry gone = server.turn(ACCOUNT, turn -> log.entry(turn, other));
        assertThat(gone).isNull();
        assertThat(rows(LogTables.REWRITES))
                .as("the last retracted message is younger than what went")
                .isEqualTo(1);

        pruneOne();
        assertThat(rows(LogTables.REWRITES)).isZero();
    }

    @Test
    void retractionLeavesNothingOfTheText() {
        long id = append();
        edit(id);

        server.turn(ACCOUNT, turn -> log.retract(turn, id, null, turn.stamp(), 0));

        LogEntry left = server.turn(ACCOUNT, turn -> log.entry(turn, id));
        assertThat(left.message().payload().isEmpty()).isTrue();
        assertThat(server.turn(ACCOUNT, turn -> log.head(turn, KEY)).bytes()).isZero();
        Boolean again = server.turn(ACCOUNT, turn -> log.retract(turn, id, null, turn.stamp(), 0));
        assertThat(again).isFalse();
    }
}
