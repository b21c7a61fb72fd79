// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.reports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.blocking.BlockingView;
import im.dunlin.core.modules.commands.CommandsModule;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.storage.memory.MemoryStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** XEP-0377. Escalus is an administrator. */
class ReportsDialogueTest {
    private final TestServer server = start();
    private final TestClient juliet = server.connect("juliet@localhost/chamber");

    private static TestServer start() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("commands", CommandsModule::new);
        modules.put(ReportsModule.KEY, ReportsModule::new);
        try {
            return TestServer.with(
                    new MemoryStore(),
                    new TestTime(),
                    new ConfigLoader(Map.of()).parse("hosts: { localhost: { admins: [ escalus@localhost ] } }"),
                    modules);
        } catch (ConfigException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void blocks(TestClient who, String jid, String report) {
        who.sends("<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='" + jid + "'>" + report
                + "</item></block></iq>");
        who.receives("<iq type='result' id='b'/>");
        BlockingView blocking = server.modules().provided(BlockingView.class);
        Boolean blocked = server.turn(who.jid().bare(), turn -> blocking.isBlocked(Jid.of(jid), turn));
        assertThat(blocked).isTrue();
    }

    private List<Report> reports() {
        return server.modules().provided(ReportsModule.class).of("localhost", server.store());
    }

    /** Servers "MUST respond to service discovery requests with a feature of 'urn:xmpp:reporting:1'" (§3). */
    @Test
    void serverSaysThatItTakesReports() {
        assertThat(server.modules().features(Addressee.SERVER, "localhost")).contains("urn:xmpp:reporting:1");
    }

    @Test
    void reportIsKeptWithWhatItSays() {
        blocks(
                juliet,
                "romeo@example.net",
                "<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'>"
                        + "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='28482'/><text>Never came trouble</text>"
                        + "<third-party/></report>");

        assertThat(reports())
                .extracting(Report::by, Report::about, Report::reason, Report::text, Report::messages)
                .containsExactly(tuple(
                        juliet.jid().bare(),
                        Jid.of("romeo@example.net"),
                        "urn:xmpp:reporting:spam",
                        "Never came trouble",
                        List.of("28482")));
    }

    /** "MUST block the JID or return an error just as they would if no report were present" (§6). */
    @Test
    void blockHappensWhateverTheReportSays() {
        for (String report : new String[] {
            "",
            "<report xmlns='urn:xmpp:reporting:1'/>",
            "<report xmlns='urn:xmpp:reporting:1' reason=''/>",
            "<report xmlns='urn:xmpp:reporting:1' reason='" + "x".repeat(5_000) + "'/>",
            "<report xmlns='urn:xmpp:reporting:0' reason='urn:xmpp:reporting:spam'/>"
        }) {
            blocks(juliet, "romeo" + report.length() + "@example.net", report);
        }
        assertThat(reports()).isEmpty();
    }

    @Test
    void longReportsAreCut() {
        blocks(
                juliet,
                "romeo@example.net",
                "<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:abuse'><text>" + "x".repeat(9_000)
                        + "</text>" + "<stanza-id xmlns='urn:xmpp:sid:0' id='i'/>".repeat(100) + "</report>");
        assertThat(reports()).singleElement().satisfies(report -> {
            assertThat(report.text()).hasSize(ReportsModule.MAX_TEXT);
            assertThat(report.messages()).hasSize(20);
        });
    }

    @Test
    void reportsOfOneAccountAreBoundedAndExpire() {
        for (int i = 0; i < ReportsModule.MAX_KEPT + 1; i++) {
            blocks(
                    juliet,
                    "r" + i + "@example.net",
                    "<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'/>");
        }
        assertThat(reports())
                .hasSize(ReportsModule.MAX_KEPT)
                .noneMatch(report -> "r0".equals(report.about().local()));

        server.after(Duration.ofDays(91));
        // So many timers do not all fire in one tick.
        server.after(Duration.ofSeconds(1));
        assertThat(reports()).isEmpty();
    }

    @Test
    void administratorsSeeThemAndNobodyElse() {
        blocks(
                juliet,
                "romeo@example.net",
                "<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'><text>Buy</text></report>");
        TestClient escalus = server.connect("escalus@localhost/court");
        String command = "<iq type='set' id='c' to='localhost'><command xmlns='http://jabber.org/protocol/commands'"
                + " node='https://dunlin.im/protocol/admin#reports'/></iq>";
        escalus.sends(command);
        escalus.receives(
                "<iq type='result' id='c'><command xmlns='http://jabber.org/protocol/commands' status='completed'>"
                        + "<x xmlns='jabber:x:data' type='result'><item>"
                        + "<field var='reporter'><value>juliet@localhost</value></field>"
                        + "<field var='reported'><value>romeo@example.net</value></field>"
                        + "<field var='reason'><value>spam</value></field><field var='text'><value>Buy</value></field>"
                        + "</item></x></command></iq>");
        juliet.sends(command);
        juliet.receivesError("forbidden");
    }

    @Test
    void reportsGoWithTheirReporter() {
        blocks(juliet, "romeo@example.net", "<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'/>");
        server.accounts().remove(juliet.jid().bare()).join();
        server.settle();
        assertThat(reports()).isEmpty();
    }
}
