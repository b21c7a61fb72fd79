// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.Batch;
import im.dunlin.sync.log.ConversationLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an archive costs, in rows: the same however large it is. */
class ArchiveCostTest {
    private static final BareJid JULIET = BareJid.of("juliet@localhost");

    private final CountingStore store = new CountingStore();
    private final TestServer server = TestServer.with(store, new TestServer.TestTime(), ArchiveFixture.modules());
    private final TestClient juliet = ArchiveFixture.online(server, "juliet@localhost/balcony");

    @AfterEach
    void close() {
        server.close();
    }

    private void archive(int messages) {
        ConversationLog log = server.modules().provided(ConversationLog.class);
        for (int from = 0; from < messages; from += 1_000) {
            int count = Math.min(1_000, messages - from);
            server.turn(JULIET, turn -> {
                for (int i = 0; i < count; i++) {
                    Message message = TestStanzas.message("<message type='chat' from='peer" + i % 4
                            + "@localhost/x' to='juliet@localhost'><body>hello</body></message>");
                    log.append(turn, Way.INBOUND, message, message.traits());
                }
                return null;
            });
        }
    }

    private long cost(String content) {
        return cost(content, 6);
    }

    private long cost(String content, int answers) {
        juliet.ignores();
        long before = store.read();
        juliet.sends("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'>" + content + "</query></iq>");
        assertThat(juliet.waiting()).isEqualTo(answers);
        return store.read() - before;
    }

    private List<Long> costs() {
        String form =
                "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>";
        String five = "<set xmlns='http://jabber.org/protocol/rsm'><max>5</max>";
        List<Long> costs = new ArrayList<>();
        costs.add(cost(five + "</set>"));
        costs.add(cost(five + "<before/></set>"));
        String with = form + "<field var='with'><value>peer2@localhost</value></field></x>";
        costs.add(cost(with + five + "</set>"));
        costs.add(cost(with + five + "<before/></set>"));
        costs.add(cost(form + "<field var='start'><value>2025-01-01T00:00:00Z</value></field></x>" + five + "</set>"));
        costs.add(cost(
                form + "<field var='end'><value>2030-01-01T00:00:00Z</value></field></x>" + five + "<before/></set>"));
        return costs;
    }

    @Test
    void pageOfALargeArchiveReadsAsManyRowsAsThatOfASmallOne() {
        archive(40);
        costs();
        List<Long> small = costs();
        archive(20_000);

        assertThat(costs()).isEqualTo(small).allMatch(rows -> rows < 40);
    }

    @Test
    void pageWithFewMatchesReadsABoundedNumberAndGoesOn() {
        archive(8_000);
        String query = "<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'>"
                + "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>"
                + "<field var='with'><value>peer1@localhost/elsewhere</value></field></x>%s</query></iq>";
        String after = "";
        int pages = 0;
        boolean complete = false;
        while (!complete) {
            long before = store.read();
            juliet.ignores();
            juliet.sends(query.formatted(after));
            var fin = juliet.next().firstChild();
            complete = "true".equals(fin.attr("complete"));
            assertThat(store.read() - before).isLessThan(2_100);
            String last = fin.first(PageRequest.SET).text(PageRequest.LAST);
            after = "<set xmlns='http://jabber.org/protocol/rsm'><after>" + last + "</after></set>";
            pages++;
        }

        assertThat(pages).isEqualTo(3);
    }

    @Test
    void fifthQueryAtATimeIsRefused() throws InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        store.holdSnapshots(gate);
        for (int i = 1; i <= 5; i++) {
            Stanza query = TestStanzas.parse("<iq type='set' id='q" + i + "'><query xmlns='urn:xmpp:mam:2'/></iq>");
            server.router().fromClient(juliet.session(), juliet, query.withFrom(juliet.jid()), 100);
        }
        CountDownLatch asked = new CountDownLatch(1);
        server.lanes().submit(JULIET, turn -> asked.countDown());
        asked.await();
        gate.countDown();
        server.settle();

        List<String> refused = new ArrayList<>();
        while (juliet.waiting() > 0) {
            Element answer = juliet.next();
            if ("error".equals(answer.attr("type"))) {
                assertThat(answer.toString()).contains("resource-constraint");
                refused.add(answer.attr("id"));
            }
        }
        assertThat(refused).containsExactly("q5");
        assertThat(cost("<set xmlns='http://jabber.org/protocol/rsm'><max>5</max></set>", 1))
                .isPositive();
    }

    private static final List<String> MESSAGE_ON_BOTH_SIDES = List.of(
            "conversations",
            "conversations",
            "conversations-unread-sums",
            "log",
            "log",
            "log-by-conversation",
            "log-by-conversation",
            "log-lookup",
            "log-lookup");

    private static String messageTo(String peer) {
        return "<message type='chat' id='a-long-enough-id' to='" + peer + "'><body>hi</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='a-long-enough-id'/></message>";
    }

    private List<String> rowsOfTheLog() {
        return store.takeWritten().stream()
                .map(Batch.Write::table)
                .filter(table -> table.startsWith("log") || table.startsWith("conversations"))
                .sorted()
                .toList();
    }

    @Test
    void messageInTheNewestConversationIsFourRowsOfTheLogOnEachSideAndOneWhereItIsUnread() {
        TestClient romeo = ArchiveFixture.online(server, "romeo@localhost/orchard");
        romeo.sends(messageTo("juliet@localhost"));
        romeo.sends(messageTo("juliet@localhost"));
        store.takeWritten();

        romeo.sends(messageTo("juliet@localhost"));

        assertThat(rowsOfTheLog()).containsExactlyElementsOf(MESSAGE_ON_BOTH_SIDES);
    }

    @Test
    void messageInAnotherConversationMovesItInTheSendersOrder() {
        TestClient romeo = ArchiveFixture.online(server, "romeo@localhost/orchard");
        romeo.sends(messageTo("juliet@localhost"));
        romeo.sends(messageTo("nurse@localhost"));
        store.takeWritten();

        romeo.sends(messageTo("juliet@localhost"));

        List<String> moved = new ArrayList<>(MESSAGE_ON_BOTH_SIDES);
        moved.addAll(List.of("conversations-by-order", "conversations-by-order"));
        assertThat(rowsOfTheLog()).containsExactlyInAnyOrderElementsOf(moved);
    }

    @Test
    void pageHasNothingThatWasTakenBackWhileItWasRead() throws InterruptedException {
        juliet.sends("<message type='chat' id='slip' to='peer1@localhost'><body>a slip</body></message>");
        juliet.ignores();
        CountDownLatch gate = new CountDownLatch(1);
        store.holdSnapshots(gate);
        for (String xml : List.of(
                "<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>",
                "<message type='chat' id='back' to='peer1@localhost'>"
                        + "<retract xmlns='urn:xmpp:message-retract:1' id='slip'/>"
                        + "<store xmlns='urn:xmpp:hints'/></message>")) {
            Stanza stanza = TestStanzas.parse(xml);
            server.router().fromClient(juliet.session(), juliet, stanza.withFrom(juliet.jid()), 100);
            store.awaitSnapshot();
        }
        CountDownLatch retracted = new CountDownLatch(1);
        server.lanes().submit(JULIET, turn -> retracted.countDown());
        retracted.await();
        gate.countDown();
        server.settle();

        List<String> page = new ArrayList<>();
        while (juliet.waiting() > 0) {
            page.add(juliet.next().toString());
        }
        assertThat(page.toString()).contains("<retracted", "<fin").doesNotContain("a slip");
    }
}
