// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.storage.memory.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Occupants whose accounts are on other servers. */
class RoomElsewhereTest {
    private static final String ROOM = "chat@rooms.capulet.example";
    private static final String ROMEO = "romeo@montague.example/orchard";

    private final List<Stanza> departed = new CopyOnWriteArrayList<>();
    private final TestServer server;
    private final TestClient juliet;

    RoomElsewhereTest() throws ConfigException {
        ServerConfig config =
                new ConfigLoader(Map.of(MucModule.KEY, Options.class)).parse("hosts: { capulet.example: {} }");
        server = TestServer.with(new MemoryStore(), new TestServer.TestTime(), config, RoomFixture.modules());
        server.router().connectTo(departure -> departed.add(departure.stanza()));
        juliet = server.connect("juliet@capulet.example/balcony");
    }

    @BeforeEach
    void enter() {
        juliet.sends("<presence to='" + ROOM + "/juliet'>" + RoomFixture.JOIN + "</presence>");
        juliet.sends("<iq type='set' id='cfg' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                + "<x xmlns='jabber:x:data' type='submit'/></query></iq>");
        comes("<presence to='" + ROOM + "/romeo'>" + RoomFixture.JOIN + "</presence>");
        juliet.ignores();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void comes(String xml) {
        Stanza stanza = Objects.requireNonNull(TestStanzas.parse(xml)).withFrom(Jid.of(ROMEO));
        server.router().fromServer(stanza, () -> {});
        server.settle();
    }

    @Test
    void occupantIsToldWhoIsThereAndThatItHasEntered() {
        assertThat(departed)
                .filteredOn(Presence.class::isInstance)
                .hasSize(2)
                .allSatisfy(presence -> assertThat(presence.to()).hasToString(ROMEO));
        assertThat(departed.get(1).payload().first(Muc.X)).asString().contains("code='110'");
    }

    @Test
    void occupantHearsWhatIsSaid() {
        departed.clear();

        juliet.sends("<message type='groupchat' id='m' to='" + ROOM + "'><body>lark</body></message>");

        assertThat(departed).singleElement().satisfies(message -> {
            assertThat(message).isInstanceOf(Message.class);
            assertThat(message.from()).hasToString(ROOM + "/juliet");
            assertThat(message.to()).hasToString(ROMEO);
        });
    }

    @Test
    void everybodyHearsWhatTheOccupantSays() {
        departed.clear();

        comes("<message type='groupchat' id='m' to='" + ROOM + "'><body>nightingale</body></message>");

        juliet.receives("<message type='groupchat' from='" + ROOM + "/romeo'><body>nightingale</body></message>");
        assertThat(departed)
                .singleElement()
                .satisfies(echo -> assertThat(echo.to()).hasToString(ROMEO));
    }
}
