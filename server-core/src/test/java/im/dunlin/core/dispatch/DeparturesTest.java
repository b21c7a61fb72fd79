// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Departure;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.storage.Changes;
import im.dunlin.storage.Keys;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Store;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import im.dunlin.storage.memory.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What leaves for other servers, and what is kept of it until it has left (docs/adr/0020). */
class DeparturesTest {
    private static final String MESSAGE =
            "<message to='romeo@montague.example' type='chat' id='%s'><body>Art thou there?</body></message>";

    private final Store store = new MemoryStore();
    private final TestServer.TestTime time = new TestServer.TestTime();
    private final List<Departure> sent = Collections.synchronizedList(new ArrayList<>());
    private ServerConfig config = ServerConfig.defaults();
    private TestServer server = TestServer.with(ImModules.all());

    @BeforeEach
    void start() throws Exception {
        server.close();
        config = new ConfigLoader(Map.of())
                .parse("hosts: { capulet.example: {}, private.example: { federation: false } }");
        startAgain();
    }

    private void startAgain() {
        sent.clear();
        server = TestServer.with(store, time, config, ImModules.all());
        server.router().connectTo(sent::add);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Departure juliets(String id) {
        TestClient juliet = server.connect("juliet@capulet.example/balcony");
        juliet.sends(MESSAGE.formatted(id));
        server.settle();
        return sent.get(sent.size() - 1);
    }

    @Test
    void messageLeavesWithItsAddresses() {
        Departure departure = juliets("m1");

        assertThat(departure.stanza().from()).hasToString("juliet@capulet.example/balcony");
        assertThat(departure.stanza().to()).hasToString("romeo@montague.example");
        assertThat(departure.stanza()).isInstanceOf(Message.class);
    }

    @Test
    void whatHasNotLeftIsSentAgainAfterAKill() {
        Departure departure = juliets("m1");
        Departure second = juliets("m2");
        server.kill();
        startAgain();

        assertThat(sent).containsExactly(departure, second);
    }

    @Test
    void whatHasLeftIsForgotten() {
        server.router().departed(juliets("m1"));
        Departure second = juliets("m2");
        server.after(Duration.ofSeconds(1));
        server.kill();
        startAgain();

        assertThat(sent).containsExactly(second);
    }

    @Test
    void cleanStopForgetsWhatHasJustLeft() {
        server.router().departed(juliets("m1"));
        server.close();
        startAgain();

        assertThat(sent).isEmpty();
    }

    @Test
    void rowsOfOneSenderStayInOrderWhenTheClockGoesBack() {
        Departure first = juliets("m1");
        server.kill();
        time.advance(Duration.ofMinutes(-1));
        startAgain();
        Departure second = juliets("m2");

        assertThat(second.sequence()).isGreaterThan(first.sequence());
    }

    @Test
    void whoseMessageComesBackIsToldAndItIsForgotten() {
        TestClient juliet = server.connect("juliet@capulet.example/balcony");
        juliet.sends(MESSAGE.formatted("m1"));
        server.settle();
        server.router().returned(sent.get(0), StanzaError.remoteServerTimeout());
        server.settle();
        juliet.receivesError("remote-server-timeout");
        server.after(Duration.ofSeconds(1));
        server.kill();
        startAgain();

        assertThat(sent).isEmpty();
    }

    @Test
    void errorThatComesBackLeadsToNothing() {
        TestClient juliet = server.connect("juliet@capulet.example/balcony");
        juliet.sends("<message to='romeo@montague.example' type='error' id='e'><error type='cancel'/></message>"
                + "<iq to='montague.example' type='result' id='r'/>");
        server.settle();
        List<Departure> both = List.copyOf(sent);
        both.forEach(each -> server.router().returned(each, StanzaError.remoteServerTimeout()));

        juliet.receivesNothing();
    }

    @Test
    void whoseRequestForPresenceComesBackIsTold() {
        TestClient juliet = server.connect("juliet@capulet.example/balcony");
        juliet.sends("<presence to='romeo@montague.example' type='subscribe' id='s'/>");
        server.settle();
        Departure request = sent.get(sent.size() - 1);
        assertThat(request.isRecorded()).isTrue();
        juliet.ignores();
        server.router().returned(request, StanzaError.remoteServerTimeout());
        server.settle();

        juliet.receivesError("remote-server-timeout");
    }

    @Test
    void presenceThatNobodyWaitsForComesBackSilently() {
        TestClient juliet = server.connect("juliet@capulet.example/balcony");
        Presence gone =
                Presence.unavailable(Jid.of("juliet@capulet.example/balcony"), Jid.of("romeo@montague.example"));
        server.router().returned(server.lanes().unrecorded(gone), StanzaError.remoteServerTimeout());
        server.settle();

        juliet.receivesNothing();
    }

    @Test
    void damagedRowStopsNeitherTheStartNorTheOthers() {
        Departure departure = juliets("m1");
        server.kill();
        Table<Long, Boolean> rows = store.open(new TableSpec<>("departures", Shape.QUEUE, Keys.NUMBER, Values.PRESENT));
        Changes damage = new Changes(store, departure.slot());
        damage.put(rows, new OwnerKey(departure.slot(), 0), departure.sequence() - 1, true);
        store.write(damage.toBatch());
        startAgain();

        assertThat(sent).containsExactly(departure);
    }

    @Test
    void cleanStopForgetsAllThatHasLeftHoweverMuch() {
        TestClient juliet = server.connect("juliet@capulet.example/balcony");
        for (int i = 0; i < 2_100; i++) {
            juliet.sends(MESSAGE.formatted("m" + i));
        }
        server.settle();
        sent.forEach(server.router()::departed);
        server.close();
        startAgain();

        assertThat(sent).isEmpty();
    }

    @Test
    void whatIsForNoOtherServerAnyMoreComesBackAfterAStart() throws Exception {
        juliets("m1");
        server.kill();
        config = new ConfigLoader(Map.of()).parse("hosts: { capulet.example: {}, montague.example: {} }");
        startAgain();
        assertThat(sent).isEmpty();

        server.after(Duration.ofSeconds(1));
        server.kill();
        config = new ConfigLoader(Map.of()).parse("hosts: { capulet.example: {} }");
        startAgain();
        assertThat(sent).isEmpty();
    }

    @Test
    void accountHasAShareOfItsOwnAndAServiceOneForAll() {
        assertThat(server.router().accountable(Jid.of("juliet@capulet.example/balcony")))
                .isEqualTo(Jid.of("juliet@capulet.example"));
        assertThat(server.router().accountable(Jid.of("room@rooms.capulet.example/nurse")))
                .isEqualTo(Jid.of("rooms.capulet.example"));
    }

    @Test
    void questionsHaveNoRow() {
        TestClient juliet = server.connect("juliet@capulet.example/balcony");
        juliet.sends("<iq to='montague.example' type='get' id='q'><ping xmlns='urn:xmpp:ping'/></iq>");
        server.settle();

        assertThat(sent.get(0).stanza()).isInstanceOf(Iq.class);
        assertThat(sent.get(0).isRecorded()).isFalse();
        server.kill();
        startAgain();
        assertThat(sent).isEmpty();
    }

    @Test
    void hostWithoutFederationFindsNobody() {
        TestClient tybalt = server.connect("tybalt@private.example/hall");
        tybalt.sends(MESSAGE.formatted("m1"));

        tybalt.receivesError("remote-server-not-found");
        assertThat(sent).isEmpty();
    }

    @Test
    void messageThatWasHeldUpSaysSinceWhen() {
        Departure departure = juliets("m1");

        assertThat(departure.leaving(time.instant().plusSeconds(1))).isSameAs(departure.stanza());
        assertThat(((Message) departure.leaving(time.instant().plusSeconds(60)))
                        .additions()
                        .toString())
                .contains("urn:xmpp:delay")
                .contains("capulet.example");
    }
}
