// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.registration;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.AccountState;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.config.HostConfig;
import im.dunlin.core.config.Registration;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.storage.Store;
import im.dunlin.storage.memory.MemoryStore;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RegistrationDialogueTest {
    private static final Registration OPEN = new Registration(true, Duration.ofMinutes(10), 5);
    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final String FORM = "<iq type='get' id='f'><query xmlns='jabber:iq:register'/></iq>";
    private static final String REMOVE =
            "<iq type='set' id='r'><query xmlns='jabber:iq:register'><remove/></query></iq>";

    private final Store store = new MemoryStore();
    private final TestTime time = new TestTime();
    private TestServer server = start(OPEN);

    private TestServer start(Registration registration) {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put(RegistrationModule.KEY, RegistrationModule::new);
        ServerConfig usual = ServerConfig.defaults();
        HostConfig host = HostConfig.defaults();
        HostConfig open = new HostConfig(
                host.admins(),
                registration,
                host.reserveNames(),
                host.federation(),
                host.mechanisms(),
                host.retention(),
                host.tls(),
                host.web(),
                host.modules(),
                host.limits());
        return TestServer.with(
                store,
                time,
                new ServerConfig(
                        usual.data(),
                        usual.durability(),
                        Map.of("localhost", open),
                        usual.listeners(),
                        usual.components(),
                        usual.federation(),
                        usual.authentication(),
                        usual.storage(),
                        usual.http(),
                        usual.push(),
                        usual.limits()),
                modules);
    }

    private TestClient stranger(int lastOctet) {
        TestClient client = server.open("localhost");
        try {
            client.from(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) lastOctet}));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
        return client;
    }

    private static String account(@Nullable String username, @Nullable String password) {
        return "<iq type='set' id='s'><query xmlns='jabber:iq:register'>"
                + (username == null ? "" : "<username>" + username + "</username>")
                + (password == null ? "" : "<password>" + password + "</password>")
                + "</query></iq>";
    }

    private @Nullable Credentials credentials() {
        return server.accounts().find(JULIET).join();
    }

    @AfterEach
    void close() {
        server.close();
    }

    // ---- strangers
    // ---------------------------------------------------------------------------------------------------

    @Test
    void registrationIsOffByDefault() {
        server.close();
        server = start(Registration.class.cast(HostConfig.defaults().registration()));
        TestClient stranger = stranger(1);

        assertThat(stranger.features().toString()).doesNotContain("iq-register");
        stranger.sends(FORM);
        stranger.receivesError("service-unavailable");
        stranger.sends(account("juliet", "secret"));
        stranger.receivesError("service-unavailable");
        assertThat(credentials()).isNull();
    }

    @Test
    void strangerMakesAnAccount() {
        TestClient stranger = stranger(1);
        assertThat(stranger.features().toString()).contains("http://jabber.org/features/iq-register");

        stranger.sends(FORM);
        stranger.receives(
                "<iq type='result' id='f'><query xmlns='jabber:iq:register'><username/><password/></query></iq>");
        stranger.sends(account("Juliet", "secret"));
        stranger.receives("<iq type='result' id='s'/>");

        assertThat(Objects.requireNonNull(credentials()).state()).isEqualTo(AccountState.ACTIVE);
        assertThat(server.login("juliet@localhost").features().toString()).doesNotContain("iq-register");
    }

    @Test
    void refusalDoesNotRepeatThePassword() {
        server.account("juliet@localhost");
        TestClient stranger = stranger(1);

        stranger.sends(account("juliet", "secret"));

        assertThat(stranger.receivesError("conflict").toString()).doesNotContain("secret");
    }

    @Test
    void incompleteRequestIsNotAcceptable() {
        TestClient stranger = stranger(1);
        for (String request : new String[] {
            account(null, "secret"),
            account("juliet", null),
            account("juliet", ""),
            account("ju liet", "secret"),
            account("juliet@localhost", "secret"),
            // Threat S18: a Cyrillic letter that looks like ours.
            account("\u0458uliet", "secret")
        }) {
            stranger.sends(request);
            stranger.receivesError("not-acceptable");
        }
    }

    @Test
    void nameOfARemovedAccountIsTaken() {
        server.account("juliet@localhost");
        server.accounts().remove(JULIET).join();
        TestClient stranger = stranger(1);

        stranger.sends(account("juliet", "secret"));

        stranger.receivesError("conflict");
    }

    @Test
    void oneAddressMakesOneAccountInAWhile() {
        TestClient one = stranger(1);
        one.sends(account("juliet", "secret"));
        TestClient two = stranger(1);

        two.sends(account("romeo", "secret"));
        two.receivesError("resource-constraint");
        server.after(Duration.ofMinutes(10));
        two.sends(account("romeo", "secret"));
        two.receives("<iq type='result' id='s'/>");
    }

    @Test
    void allAddressesTogetherMakeSoManyAccountsAnHour() {
        for (int i = 0; i < OPEN.perHour(); i++) {
            TestClient stranger = stranger(i);
            stranger.sends(account("guest" + i, "secret"));
            stranger.receives("<iq type='result' id='s'/>");
        }
        TestClient late = stranger(100);
        late.sends(account("juliet", "secret"));
        late.receivesError("resource-constraint");

        server.after(Duration.ofHours(1));

        late.sends(account("juliet", "secret"));
        late.receives("<iq type='result' id='s'/>");
    }

    @Test
    void namesCannotBeTriedWithoutEnd() {
        server.account("juliet@localhost");
        for (int i = 0; i < 10; i++) {
            TestClient stranger = stranger(1);
            stranger.sends(account("juliet", "secret"));
            stranger.receivesError("conflict");
        }
        TestClient stranger = stranger(1);
        stranger.sends(account("juliet", "secret"));
        stranger.receivesError("resource-constraint");
    }

    // ---- owners
    // ------------------------------------------------------------------------------------------------------

    @Test
    void ownerLearnsThatItIsRegistered() {
        TestClient juliet = server.connect("juliet@localhost/balcony");

        juliet.sends("<iq type='get' id='f' to='localhost'><query xmlns='jabber:iq:register'/></iq>");

        juliet.receives("<iq type='result' id='f' from='localhost'><query xmlns='jabber:iq:register'><registered/>"
                + "<username>juliet</username><password/></query></iq>");
    }

    @Test
    void ownerChangesThePassword() {
        TestClient juliet = server.connect("juliet@localhost/balcony");

        juliet.sends("<iq type='set' id='s' to='localhost'><query xmlns='jabber:iq:register'>"
                + "<username>juliet</username><password>other</password></query></iq>");

        juliet.receives("<iq type='result' id='s' from='localhost'/>");
        Credentials first = credentials();
        juliet.sends(account("juliet", "third"));
        juliet.receives("<iq type='result' id='s'/>");
        assertThat(credentials()).isNotEqualTo(first).isNotNull();
    }

    @Test
    void passwordOfAnotherCannotBeChanged() {
        server.account("romeo@localhost");
        TestClient juliet = server.connect("juliet@localhost/balcony");
        Credentials romeos =
                server.accounts().find(BareJid.of("romeo@localhost")).join();
        Credentials juliets = credentials();

        juliet.sends(account("romeo", "mine now"));
        assertThat(juliet.receivesError("forbidden").toString()).doesNotContain("mine now");
        juliet.sends("<iq type='set' id='s' to='romeo@localhost'><query xmlns='jabber:iq:register'>"
                + "<username>romeo</username><password>mine now</password></query></iq>");
        juliet.receivesError("service-unavailable");

        assertThat(server.accounts().find(BareJid.of("romeo@localhost")).join()).isEqualTo(romeos);
        assertThat(credentials()).isEqualTo(juliets);
    }

    @Test
    void emptyPasswordChangesNothing() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        Credentials before = credentials();

        juliet.sends(account("juliet", ""));

        juliet.receivesError("not-acceptable");
        assertThat(credentials()).isEqualTo(before);
    }

    @Test
    void changeOfThePasswordKeepsTheChangingSessionAndNoOther() {
        TestClient balcony = server.connect("juliet@localhost/balcony");
        TestClient chamber = server.connect("juliet@localhost/chamber");
        String[] ids = new String[2];
        TestClient[] clients = {balcony, chamber};
        for (int i = 0; i < 2; i++) {
            clients[i].sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
            ids[i] = clients[i].next().attr("id");
        }

        balcony.sends(account("juliet", "other"));
        balcony.loses();
        chamber.loses();

        TestClient again = server.login("juliet@localhost");
        again.sends("<resume xmlns='urn:xmpp:sm:3' h='0' previd='" + ids[1] + "'/>");
        again.receives("<failed xmlns='urn:xmpp:sm:3'/>");
        again.sends("<resume xmlns='urn:xmpp:sm:3' h='0' previd='" + ids[0] + "'/>");
        again.receives("<resumed xmlns='urn:xmpp:sm:3' h='1'/>");
    }

    @Test
    void ownerRemovesTheAccount() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        TestClient romeo = server.connect("romeo@localhost/orchard");
        ImModules.befriend(juliet, romeo);
        juliet.sends("<presence/>");
        romeo.sends("<presence/>");
        romeo.ignores();
        juliet.ignores();

        juliet.sends(REMOVE);
        juliet.receives("<iq type='result' id='r'/>");
        server.after(Duration.ofSeconds(1));

        assertThat(Objects.requireNonNull(juliet.streamError()).toString()).contains("not-authorized");
        romeo.receives("<presence type='unavailable' from='juliet@localhost/balcony'/>");
        assertThat(server.<Boolean>turn(JULIET, turn -> turn.exists())).isFalse();
        romeo.ignores();
        romeo.sends("<message type='chat' to='juliet@localhost'><body>Juliet?</body></message>");
        romeo.receivesError("service-unavailable");
    }

    @Test
    void removalGoesOnAfterACrash() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        juliet.sends(account("juliet", "secret"));
        juliet.sends(REMOVE);
        assertThat(Objects.requireNonNull(credentials()).state()).isEqualTo(AccountState.DISABLED);

        server.kill();
        server = start(OPEN);
        server.after(Duration.ofSeconds(1));

        assertThat(server.<Boolean>turn(JULIET, turn -> turn.exists())).isFalse();
        assertThat(credentials()).isNull();
    }

    @Test
    void largeRosterIsLeftInSeveralTurns() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        for (int i = 0; i < 1_200; i++) {
            juliet.sends("<iq type='set' id='i'><query xmlns='jabber:iq:roster'><item jid='c" + i
                    + "@localhost'/></query></iq>");
        }
        juliet.ignores();

        juliet.sends(REMOVE);
        server.after(Duration.ofSeconds(1));
        server.after(Duration.ofSeconds(1));

        assertThat(server.<Boolean>turn(JULIET, turn -> turn.exists())).isFalse();
    }

    @Test
    void removeStandsAlone() {
        TestClient juliet = server.connect("juliet@localhost/balcony");

        juliet.sends("<iq type='set' id='r'><query xmlns='jabber:iq:register'><remove/><username>romeo</username>"
                + "</query></iq>");

        juliet.receivesError("bad-request");
        assertThat(server.sessions().count()).isEqualTo(1);
    }

    @Test
    void accountOfAnotherCannotBeRemoved() {
        server.account("romeo@localhost");
        TestClient juliet = server.connect("juliet@localhost/balcony");

        juliet.sends(
                "<iq type='set' id='r' to='romeo@localhost'><query xmlns='jabber:iq:register'><remove/></query></iq>");

        juliet.receivesError("service-unavailable");
        server.after(Duration.ofSeconds(1));
        assertThat(server.<Boolean>turn(BareJid.of("romeo@localhost"), turn -> turn.exists()))
                .isTrue();
    }
}
