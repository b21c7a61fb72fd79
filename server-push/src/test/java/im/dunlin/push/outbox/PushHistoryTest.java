// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import static im.dunlin.push.PushFixture.JULIET;
import static im.dunlin.push.PushFixture.chat;
import static im.dunlin.push.PushFixture.enable;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.testing.Golden;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.push.AppServer;
import im.dunlin.push.PushFixture;
import im.dunlin.storage.Direction;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogReader;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An operator who asks why a device was woken, or not, is told what happened. */
class PushHistoryTest {
    private static final String HERE = "juliet@localhost";

    private final AppServer app = PushFixture.service("app");
    private final TestServer server = TestServer.with(PushFixture.modules(app));
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private final PushRecords records = server.modules().provided(PushRecords.class);

    @BeforeEach
    void registers() {
        TestClient phone = server.connect("juliet@localhost/phone");
        phone.sends(enable("n"));
        phone.leaves();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void writes(String body) {
        romeo.sends(chat(HERE, body));
    }

    /** Archive ids of the account, the oldest first. */
    private List<String> archived() {
        LogReader reader = server.modules().provided(ConversationLog.class).reader();
        return Objects.requireNonNull(server.turn(JULIET, turn -> {
            List<String> ids = new java.util.ArrayList<>();
            try (LogReader.Entries entries =
                    reader.entries(turn.reader(), turn.owner().key(), 0, Long.MAX_VALUE, Direction.FORWARD)) {
                for (var row = entries.next(); row != null; row = entries.next()) {
                    ids.add(ArchiveId.format(row.key()));
                }
            }
            return ids;
        }));
    }

    /** Without the times. */
    private List<String> explained(String event) {
        return records.explain(event).stream()
                .map(line -> line.startsWith("  ") ? line.substring(line.indexOf('Z') + 2) : line)
                .toList();
    }

    @Test
    void storyOfAMessageGoesFromTheDecisionToTheDevice() {
        app.refuses(StanzaError.resourceConstraint());
        writes("hello");
        server.after(Duration.ofSeconds(1));
        app.refuses(null);
        server.after(Duration.ofMinutes(1));
        server.connect("juliet@localhost/phone");

        assertThat(explained(archived().get(0)))
                .containsExactly(
                        "juliet@localhost, device phone, by app.localhost:",
                        "to be pushed: the device is not connected",
                        "tried, and to be tried again: resource-constraint",
                        "sent: result",
                        "the device connected");
    }

    @Test
    void messageThatBecomesPartOfAnotherSaysWhich() {
        writes("one");
        writes("two");
        server.after(Duration.ofSeconds(1));
        List<String> ids = archived();
        assertThat(explained(ids.get(0))).last().isEqualTo("goes with " + ids.get(1));
        assertThat(explained(ids.get(1))).last().isEqualTo("sent: result");
    }

    @Test
    void whatIsNotPushedSaysWhyNot() {
        server.connect("juliet@localhost/phone")
                .sends(enable(
                        AppServer.JID,
                        "n",
                        "<muted xmlns='tigase:push:filter:muted:0'><item jid='romeo@localhost'/></muted>"));
        writes("hello");
        assertThat(explained(archived().get(0)))
                .containsExactly(
                        "juliet@localhost, device phone, by app.localhost:",
                        "not pushed: the device's client filters the sender");
    }

    @Test
    void callIsExplainedByItsSession() {
        romeo.sends("<message type='chat' to='" + HERE + "'><propose xmlns='urn:xmpp:jingle-message:0' id='c1'>"
                + "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose></message>");
        assertThat(explained("c1")).contains("sent: result");
    }

    @Test
    void historyIsForgottenAfterDays() {
        writes("one");
        server.after(Duration.ofSeconds(1));
        String first = archived().get(0);
        assertThat(explained(first)).isNotEmpty();
        server.after(Duration.ofDays(4));
        writes("two");
        assertThat(explained(first)).isEmpty();
    }

    @Test
    void noStoryHoldsNamesTextsOrSecrets() {
        writes("Wherefore art thou?");
        server.after(Duration.ofSeconds(1));
        assertThat(String.join("\n", records.explain(archived().get(0)))).doesNotContain("romeo", "Wherefore", "s-n");
    }

    @Test
    void devicesAreListedWithHowTheyFare() {
        app.refuses(StanzaError.itemNotFound());
        writes("hello");
        server.after(Duration.ofSeconds(1));
        List<String> lines = Objects.requireNonNull(server.turn(JULIET, records::devices));
        assertThat(lines).first().isEqualTo("device phone, by app.localhost (standard), not encrypted:");
        assertThat(lines)
                .last()
                .asString()
                .startsWith("  1 attempts in vain, the last")
                .endsWith("item-not-found");
        assertThat(String.join("\n", lines)).doesNotContain("s-n");
    }

    @Test
    void valuesAreAsTheyWere() {
        Golden.check(
                "push-history",
                History.STORIES.values(),
                new History.Story(
                        HERE,
                        "phone",
                        "app.localhost",
                        List.of(new History.Step(1_760_000_300_000_000L, "sent: result"))));
    }
}
