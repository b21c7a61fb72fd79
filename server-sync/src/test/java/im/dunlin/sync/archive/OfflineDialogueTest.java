// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationLog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OfflineDialogueTest {
    private static final String QUERY = "<iq type='set' id='mam'><query xmlns='urn:xmpp:mam:2'/></iq>";

    private TestServer server = TestServer.with(ArchiveFixture.modules());
    private TestClient romeo = ArchiveFixture.online(server, "romeo@localhost/orchard");

    @AfterEach
    void close() {
        server.close();
    }

    private void restart(String settings) {
        server.close();
        server = ArchiveFixture.server(settings);
        romeo = ArchiveFixture.online(server, "romeo@localhost/orchard");
    }

    private void says(String body) {
        says(romeo, body);
    }

    private void says(TestClient from, String body) {
        server.account("juliet@localhost");
        from.sends("<message type='chat' id='m' to='juliet@localhost'><body>" + body + "</body></message>");
    }

    /** Becomes available, answers pings as clients do, and tells which messages came. */
    private List<String> arrives(TestClient client) {
        client.sends("<presence/>");
        List<String> bodies = new ArrayList<>();
        while (client.waiting() > 0) {
            Element next = client.next();
            if (next.name().local().equals("iq")) {
                client.sends("<iq type='result' id='" + next.attr("id") + "' to='localhost'/>");
            } else if (next.name().local().equals("message")) {
                bodies.add(next.text(Message.BODY));
            }
        }
        return bodies;
    }

    /** Binds together with the authentication (XEP-0386). @return what the bind was answered with */
    private Element binds(TestClient client) {
        String message = Base64.getEncoder().encodeToString("\0juliet\0r0m30".getBytes(StandardCharsets.UTF_8));
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>" + message
                + "</initial-response><bind xmlns='urn:xmpp:bind:0'/></authenticate>");
        Element bound = client.next().requireChild(Name.of("urn:xmpp:bind:0", "bound"));
        client.next();
        return bound;
    }

    @Test
    void clientThatBindsWithTheAuthenticationIsToldWhereTheArchiveStands() {
        says("first");
        says("last");
        server.account("juliet@localhost", "r0m30");

        Element metadata = binds(server.open("localhost")).requireChild(Name.of("urn:xmpp:mam:2", "metadata"));

        assertThat(metadata.children())
                .extracting(child -> child.name().local())
                .containsExactly("start", "end");
        assertThat(metadata.children().get(0).attr("id"))
                .isLessThan(metadata.children().get(1).attr("id"));
    }

    @Test
    void archiveWhoseEndsAreGoneIsToldInABindByWhatIsLeft() {
        List.of("first", "second", "third").forEach(this::says);
        server.account("juliet@localhost", "r0m30");
        List<Long> before = ends();
        server.turn(BareJid.of("juliet@localhost"), turn -> {
            ConversationLog log = server.modules().provided(ConversationLog.class);
            before.forEach(id -> log.retract(turn, id, null, turn.stamp(), 0));
            return null;
        });

        List<Long> left = ends();

        assertThat(left.get(0)).isEqualTo(left.get(1)).isStrictlyBetween(before.get(0), before.get(1));
    }

    /** The ids between which a bind says that the archive is. */
    private List<Long> ends() {
        return binds(server.open("localhost")).requireChild(Name.of("urn:xmpp:mam:2", "metadata")).children().stream()
                .map(end -> ArchiveId.parse(end.attr("id")))
                .toList();
    }

    @Test
    void emptyArchiveIsToldInABindAsOneWithoutEnds() {
        server.account("juliet@localhost", "r0m30");

        Element metadata = binds(server.open("localhost")).requireChild(Name.of("urn:xmpp:mam:2", "metadata"));

        assertThat(metadata.isEmpty()).isTrue();
    }

    @Test
    void whatWaitsIsNotSentToAClientThatGoesOnFromTheArchive() {
        says("in the archive");
        server.account("juliet@localhost", "r0m30");
        TestClient juliet = server.open("localhost");
        binds(juliet);

        assertThat(arrives(juliet)).isEmpty();
        assertThat(arrives(server.connect("juliet@localhost/old"))).isEmpty();
    }

    private static List<String> numbers(int upTo) {
        return IntStream.rangeClosed(1, upTo).mapToObj(Integer::toString).toList();
    }

    @Test
    void messageWaitsAndComesWithItsTimeAndArchiveId() {
        says("O, she doth teach");
        server.after(Duration.ofHours(1));
        TestClient juliet = server.connect("juliet@localhost/balcony");
        juliet.receivesNothing();

        juliet.sends("<presence/>");

        juliet.receives("<presence from='juliet@localhost/balcony'/>");
        Element message = juliet.receives(
                "<message type='chat' id='m' from='romeo@localhost/orchard'><body>O, she doth teach</body>"
                        + "<delay xmlns='urn:xmpp:delay' from='localhost' stamp='2026-01-01T00:00:00.000Z'/></message>");
        assertThat(message.first(StanzaId.NAME).attr("by")).isEqualTo("juliet@localhost");
    }

    @Test
    void whatOneSessionGotNoOtherGets() {
        says("one");
        says("two");

        assertThat(arrives(server.connect("juliet@localhost/balcony"))).containsExactly("one", "two");
        assertThat(arrives(server.connect("juliet@localhost/chamber"))).isEmpty();
    }

    @Test
    void manyComeInBatchesAsTheClientKeepsUp() {
        restart("limits: { offlineStrangers: 1000 }");
        IntStream.rangeClosed(1, 250).forEach(i -> says(Integer.toString(i)));
        TestClient juliet = server.connect("juliet@localhost/balcony");
        juliet.sends("<presence/>");
        assertThat(juliet.waiting()).isEqualTo(1 + 100 + 1);
        juliet.leaves();
        server.after(Duration.ofMinutes(2));

        assertThat(arrives(server.connect("juliet@localhost/chamber"))).isEqualTo(numbers(250));
    }

    @Test
    void whatADyingConnectionSwallowedIsSentAgain() {
        says("one");
        TestClient juliet = server.connect("juliet@localhost/balcony");
        juliet.sends("<presence/>");
        juliet.loses();
        server.after(Duration.ofMinutes(2));

        assertThat(arrives(server.connect("juliet@localhost/chamber"))).containsExactly("one");
    }

    @Test
    void negativePriorityIsNotThere() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        juliet.sends("<presence><priority>-1</priority></presence>");
        juliet.ignores();
        says("one");
        juliet.sends("<presence><priority>-1</priority></presence>");

        juliet.receives("<presence/>");
        juliet.receivesNothing();
        assertThat(arrives(juliet)).containsExactly("one");
    }

    @Test
    void clientThatReadTheArchiveIsNotSentTheSame() {
        says("one");
        TestClient juliet = server.connect("juliet@localhost/balcony");
        juliet.sends(QUERY);
        juliet.ignores();

        assertThat(arrives(juliet)).isEmpty();
        assertThat(arrives(server.connect("juliet@localhost/chamber"))).isEmpty();
    }

    @Test
    void whatComesBetweenQueryAndPresenceIsSent() {
        says("one");
        TestClient juliet = server.connect("juliet@localhost/balcony");
        juliet.sends(QUERY);
        juliet.ignores();
        says("two");

        assertThat(arrives(juliet)).containsExactly("two");
    }

    @Test
    void resourceThatReadTheArchiveLastTimeIsExpectedToDoSoAgain() {
        TestClient juliet = ArchiveFixture.online(server, "juliet@localhost/balcony");
        juliet.sends(QUERY);
        juliet.leaves();
        says("one");
        server.after(Duration.ofHours(1));
        TestClient again = server.connect("juliet@localhost/balcony");

        assertThat(arrives(again)).isEmpty();

        server.after(Duration.ofDays(40));
        again.leaves();
        assertThat(arrives(server.connect("juliet@localhost/balcony"))).containsExactly("one");
    }

    @Test
    void unacknowledgedMessagesWaitAgain() {
        TestClient juliet = ArchiveFixture.online(server, "juliet@localhost/balcony");
        juliet.sends("<enable xmlns='urn:xmpp:sm:3'/>");
        says("one");
        says("two");
        juliet.sends("<a xmlns='urn:xmpp:sm:3' h='1'/>");
        juliet.loses();

        assertThat(arrives(server.connect("juliet@localhost/chamber"))).containsExactly("two");
    }

    @Test
    void unacknowledgedMessagesThatAnotherSessionHasDoNotComeAgain() {
        TestClient juliet = ArchiveFixture.online(server, "juliet@localhost/balcony");
        TestClient other = ArchiveFixture.online(server, "juliet@localhost/chamber");
        juliet.sends("<enable xmlns='urn:xmpp:sm:3'/>");
        says("one");
        juliet.loses();
        other.leaves();

        assertThat(arrives(server.connect("juliet@localhost/garden"))).isEmpty();
    }

    @Test
    void whatMustNotBeKeptForGoodWaitsAndIsGone() {
        server.account("juliet@localhost");
        romeo.sends("<message type='chat' to='juliet@localhost'><body>secret</body>"
                + "<no-permanent-store xmlns='urn:xmpp:hints'/></message>");
        TestClient juliet = server.connect("juliet@localhost/balcony");
        juliet.sends(QUERY);
        juliet.receives("<iq><fin xmlns='urn:xmpp:mam:2' complete='true'/></iq>");

        assertThat(arrives(juliet)).containsExactly("secret");
        assertThat(arrives(server.connect("juliet@localhost/chamber"))).isEmpty();
    }

    @Test
    void whatMustNotBeStoredAtAllIsRefused() {
        server.account("juliet@localhost");
        romeo.sends("<message type='chat' to='juliet@localhost'><body>now or never</body>"
                + "<no-store xmlns='urn:xmpp:hints'/></message>");

        romeo.receivesError("service-unavailable");
    }

    @Test
    void strangersHaveASmallShare() {
        restart("limits: { offlineStrangers: 2 }");
        TestClient juliet = ArchiveFixture.online(server, "juliet@localhost/balcony");
        TestClient nurse = ArchiveFixture.online(server, "nurse@localhost/house");
        ImModules.befriend(juliet, nurse);
        juliet.leaves();
        romeo.ignores();
        says("1");
        says("2");
        romeo.receivesNothing();

        says("3");
        romeo.receivesError("service-unavailable");
        nurse.ignores();
        says(nurse, "4");
        nurse.receivesNothing();
        assertThat(arrives(server.connect("juliet@localhost/balcony"))).containsExactly("1", "2", "4");
    }

    @Test
    void oneSenderHasAFifth() {
        restart("limits: { offlineMessages: 10 }");
        says("1");
        says("2");
        romeo.receivesNothing();

        says("3");

        romeo.receivesError("resource-constraint");
    }

    @Test
    void fullAccountRefusesAndKeepsNothingOfTheRefused() {
        restart("limits: { offlineMessages: 10 }");
        for (int i = 0; i < 5; i++) {
            TestClient sender = ArchiveFixture.online(server, "sender" + i + "@localhost/x");
            says(sender, "a" + i);
            says(sender, "b" + i);
            sender.receivesNothing();
        }

        says("too much");

        romeo.receivesError("service-unavailable");
        assertThat(arrives(server.connect("juliet@localhost/balcony")))
                .hasSize(10)
                .doesNotContain("too much");
        TestClient reader = server.connect("juliet@localhost/reader");
        reader.sends(QUERY);
        assertThat(reader.waiting()).isEqualTo(11);
    }

    @Test
    void roomIsMadeByDelivery() {
        restart("limits: { offlineMessages: 10 }");
        says("1");
        says("2");
        arrives(server.connect("juliet@localhost/balcony"));
        server.turn(romeo.jid().bare(), turn -> null);
        TestClient juliet = server.connect("juliet@localhost/balcony");
        assertThat(arrives(juliet)).isEmpty();
        juliet.leaves();

        romeo.ignores();
        says("3");

        romeo.receivesNothing();
    }

    @Test
    void bytesAreBounded() {
        restart("limits: { offlineBytes: 64KiB }");
        says("x".repeat(40_000));
        romeo.receivesNothing();

        says("y".repeat(40_000));

        romeo.receivesError("service-unavailable");
    }
}
