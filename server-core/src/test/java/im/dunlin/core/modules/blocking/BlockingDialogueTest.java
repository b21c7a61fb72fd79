// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlockingDialogueTest {
    private static final String LIST = "<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>";

    private final List<String> recorded = new ArrayList<>();
    private final TestServer server = TestServer.with(modules());
    private final TestClient juliet = session("juliet@localhost/balcony");
    private final TestClient romeo = session("romeo@localhost/orchard");

    private Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put(
                "archive",
                setup -> setup.message(Stage.RECORD, (passage, turn) -> {
                    recorded.add(turn.jid() + " " + passage.message().id());
                    return Verdict.PASS;
                }));
        return modules;
    }

    private TestClient session(String jid) {
        TestClient client = server.connect(jid);
        client.sends("<presence/>");
        client.ignores();
        return client;
    }

    private static void change(TestClient client, String what, String... jids) {
        StringBuilder items = new StringBuilder();
        for (String jid : jids) {
            items.append("<item jid='").append(jid).append("'/>");
        }
        client.sends("<iq type='set' id='" + what + "'><" + what + " xmlns='urn:xmpp:blocking'>" + items + "</" + what
                + "></iq>");
        client.receives("<iq type='result' id='" + what + "'/>");
    }

    private static String chat(String to) {
        return "<message type='chat' id='m1' to='" + to + "'><body>Art thou there?</body></message>";
    }

    /** Somebody elsewhere sends this to Juliet. */
    private void arrives(String xml) {
        Stanza stanza = TestStanzas.parse(xml);
        server.turn(romeo.jid().bare(), turn -> {
            turn.route(stanza);
            return null;
        });
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void serverSaysThatItHasBlocking() {
        assertThat(server.modules().features(Addressee.SERVER, "localhost")).contains("urn:xmpp:blocking");
    }

    @Test
    void blockedPeerIsNotHeard() {
        ImModules.befriend(romeo, juliet);
        change(juliet, "block", "romeo@localhost");
        romeo.receives("<presence type='unavailable' from='juliet@localhost/balcony'/>");
        recorded.clear();

        romeo.sends(chat("juliet@localhost"));
        romeo.receivesError("service-unavailable");
        romeo.sends(chat("juliet@localhost/balcony"));
        romeo.receivesError("service-unavailable");
        romeo.sends("<iq type='get' id='q' to='juliet@localhost/balcony'><x xmlns='urn:example:x'/></iq>");
        romeo.receivesError("service-unavailable");
        romeo.sends("<iq type='result' id='q' to='juliet@localhost/balcony'/>");
        romeo.sends("<presence type='probe' to='juliet@localhost'/>");
        romeo.sends("<presence to='juliet@localhost'/>");
        romeo.sends("<presence type='subscribe' to='juliet@localhost'/>");

        romeo.receivesNothing();
        juliet.receivesNothing();
        assertThat(recorded).allMatch(line -> line.startsWith("romeo@localhost"));
    }

    @Test
    void blockedMessageIsNotCopied() {
        TestClient chamber = session("juliet@localhost/chamber");
        chamber.sends("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        juliet.ignores();
        change(juliet, "block", "romeo@localhost");
        chamber.ignores();

        romeo.sends(chat("juliet@localhost/balcony"));

        chamber.receivesNothing();
    }

    @Test
    void nothingGoesToABlockedPeer() {
        change(juliet, "block", "romeo@localhost");

        juliet.sends(chat("romeo@localhost"));

        assertThat(juliet.receivesError("not-acceptable").toString())
                .contains("<blocked xmlns='urn:xmpp:blocking:errors'/>");
        romeo.receivesNothing();
        assertThat(recorded).isEmpty();
    }

    @Test
    void presenceIsNotBroadcastToABlockedContact() {
        ImModules.befriend(romeo, juliet);
        change(juliet, "block", "romeo@localhost");
        romeo.ignores();

        juliet.sends("<presence><show>away</show></presence>");
        juliet.sends("<presence type='unavailable'/>");
        juliet.sends("<presence/>");
        juliet.leaves();

        romeo.receivesNothing();
    }

    @Test
    void unblockedContactSeesAndIsSeenAgain() {
        ImModules.befriend(romeo, juliet);
        change(juliet, "block", "romeo@localhost");
        juliet.sends("<presence><show>dnd</show></presence>");
        juliet.ignores();
        romeo.ignores();

        change(juliet, "unblock", "romeo@localhost");

        romeo.receives("<presence from='juliet@localhost/balcony'><show>dnd</show></presence>");
        juliet.receives("<presence from='romeo@localhost/orchard'/>");
        romeo.sends(chat("juliet@localhost"));
        juliet.receives("<message id='m1'/>");
    }

    @Test
    void strangerLearnsNothingFromBeingBlocked() {
        change(juliet, "block", "romeo@localhost");

        romeo.receivesNothing();
    }

    @Test
    void eachFormOfAddressMatchesWhatItShould() {
        String message = "<message type='chat' to='juliet@localhost/balcony' from='%s'><body>x</body></message>";

        change(juliet, "block", "tybalt@capulet.example/court", "paris@capulet.example", "rome.example");
        change(juliet, "block", "conf.example/nick");

        for (String heard : List.of(
                "tybalt@capulet.example/other", "capulet.example", "conf.example/other", "nick@conf.example/nick")) {
            arrives(message.formatted(heard));
            juliet.receives("<message from='" + heard + "'/>");
        }
        for (String blocked : List.of(
                "tybalt@capulet.example/court",
                "paris@capulet.example/any",
                "paris@capulet.example",
                "rome.example",
                "anyone@rome.example/any",
                "rome.example/any",
                "conf.example/nick")) {
            arrives(message.formatted(blocked));
            juliet.receivesNothing();
        }
    }

    @Test
    void addressesAreComparedInPreparedForm() {
        change(juliet, "block", "ROMEO@LocalHost");

        romeo.sends(chat("juliet@localhost"));

        romeo.receivesError("service-unavailable");
    }

    @Test
    void blockWithoutItemIsRefused() {
        juliet.sends("<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'/></iq>");

        juliet.receivesError("bad-request");
    }

    @Test
    void itemWithoutAnAddressIsRefusedAndNothingIsBlocked() {
        juliet.sends("<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='romeo@localhost'/>"
                + "<item jid='@'/></block></iq>");

        juliet.receivesError("jid-malformed");
        romeo.sends(chat("juliet@localhost"));
        juliet.receives("<message id='m1'/>");
    }

    @Test
    void listSaysWhoIsBlocked() {
        juliet.sends(LIST);
        assertThat(juliet.receives("<iq type='result' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>")
                        .toString())
                .doesNotContain("item");
        change(juliet, "block", "romeo@localhost", "rome.example");
        juliet.ignores();

        juliet.sends(LIST);

        juliet.receives("<iq type='result' id='l'><blocklist xmlns='urn:xmpp:blocking'><item jid='romeo@localhost'/>"
                + "<item jid='rome.example'/></blocklist></iq>");
    }

    @Test
    void listSurvivesARestart() {
        change(juliet, "block", "romeo@localhost");
        server.close();

        try (TestServer next = TestServer.with(server.store(), server.time(), ImModules.all())) {
            next.connect("juliet@localhost/balcony").sends("<presence/>");
            TestClient again = next.connect("romeo@localhost/orchard");
            again.sends(chat("juliet@localhost"));
            again.receivesError("service-unavailable");
        }
    }

    @Test
    void changeIsPushedToWhoeverAskedForTheList() {
        TestClient chamber = session("juliet@localhost/chamber");
        TestClient hall = session("juliet@localhost/hall");
        chamber.sends(LIST);
        for (TestClient each : List.of(juliet, chamber, hall)) {
            each.ignores();
        }

        change(juliet, "block", "romeo@localhost");
        chamber.receives("<iq type='set' to='juliet@localhost/chamber'><block xmlns='urn:xmpp:blocking'>"
                + "<item jid='romeo@localhost'/></block></iq>");
        change(juliet, "unblock");
        assertThat(chamber.receives("<iq type='set'><unblock xmlns='urn:xmpp:blocking'/></iq>")
                        .toString())
                .doesNotContain("item");

        hall.receivesNothing();
        juliet.receivesNothing();
    }

    @Test
    void emptyUnblockFreesEverybody() {
        change(juliet, "block", "romeo@localhost", "rome.example");

        change(juliet, "unblock");

        juliet.sends(LIST);
        assertThat(juliet.next().toString()).doesNotContain("item");
    }

    @Test
    void nobodyLocksThemselvesOut() {
        TestClient chamber = session("juliet@localhost/chamber");
        juliet.ignores();
        change(juliet, "block", "juliet@localhost", "localhost");

        juliet.sends(chat("juliet@localhost/chamber"));
        chamber.receives("<message id='m1'/>");
        juliet.sends("<iq type='get' id='d' to='localhost'><query xmlns='urn:example:x'/></iq>");
        juliet.receivesError("service-unavailable");
        romeo.sends(chat("juliet@localhost"));
        juliet.receivesNothing();
    }

    @Test
    void blockedRoomCanBeLeft() {
        juliet.sends("<presence to='romeo@localhost/orchard'/>");
        romeo.receives("<presence from='juliet@localhost/balcony'/>");
        change(juliet, "block", "romeo@localhost");

        juliet.sends("<presence type='unavailable' to='romeo@localhost/orchard'/>");

        romeo.receives("<presence type='unavailable' from='juliet@localhost/balcony'/>");
    }

    @Test
    void tooManyEntriesAreRefusedWhole() {
        int most = AccountLimits.defaults().blocked();
        StringBuilder items = new StringBuilder();
        for (int i = 0; i <= most; i++) {
            items.append("<item jid='a").append(i).append("@b.example'/>");
        }

        juliet.sends("<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'>" + items + "</block></iq>");

        juliet.receivesError("resource-constraint");
        juliet.sends(LIST);
        assertThat(juliet.next().toString()).doesNotContain("item");
    }

    @Test
    void nobodyReadsOrChangesAnotherAccountsList() {
        romeo.sends("<iq type='get' id='l' to='juliet@localhost'><blocklist xmlns='urn:xmpp:blocking'/></iq>");
        romeo.receivesError("service-unavailable");
        romeo.sends("<iq type='set' id='l' to='juliet@localhost'><unblock xmlns='urn:xmpp:blocking'/></iq>");
        romeo.receivesError("service-unavailable");
    }
}
