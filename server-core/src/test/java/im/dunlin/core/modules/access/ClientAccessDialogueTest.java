// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.access;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.fast.FastModule;
import im.dunlin.core.modules.fast.TokensView;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.memory.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** XEP-0494. */
class ClientAccessDialogueTest {
    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final String PHONE = "d4565fa7-4d72-4749-b3d3-740edbf87770";
    private static final String LIST = "<iq type='get' id='l'><list xmlns='urn:xmpp:cam:0'/></iq>";

    private final TestServer server = start();

    private static TestServer start() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put(FastModule.KEY, FastModule::new);
        modules.put("client-access", ClientAccessModule::new);
        try {
            TestServer server = TestServer.with(
                    new MemoryStore(),
                    new TestTime(),
                    new ConfigLoader(Map.of(FastModule.KEY, FastModule.Options.class)).parse("{}"),
                    modules);
            server.account("juliet@localhost", "r0m30");
            return server;
        } catch (ConfigException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Logs in with the password, binds, and asks for a token. */
    private TestClient phone() {
        String plain = Base64.getEncoder().encodeToString("\0juliet\0r0m30".getBytes(StandardCharsets.UTF_8));
        TestClient phone = server.open("localhost");
        phone.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>" + plain
                + "</initial-response><user-agent id='" + PHONE
                + "'><software>Monal</software><device>Juliet&apos;s phone"
                + "</device></user-agent><bind xmlns='urn:xmpp:bind:0'/>"
                + "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-EXPR'/></authenticate>");
        assertThat(phone.isBound()).isTrue();
        phone.ignores();
        return phone;
    }

    private List<Element> list(TestClient client) {
        client.sends(LIST);
        return client.next().children().get(0).children();
    }

    private boolean hasToken() {
        TokensView tokens = server.modules().provided(TokensView.class);
        return Boolean.TRUE.equals(server.turn(JULIET, turn -> tokens.has(PHONE, turn)));
    }

    /** "The auth element MUST be included", "The permission element MUST also be present" (§3.1). */
    @Test
    void listSaysWhatEachClientIsAndHowItComesIn() {
        TestClient laptop = server.connect("juliet@localhost/laptop");
        TestClient phone = phone();
        phone.sends(LIST);
        phone.receives("<iq type='result' id='l'><clients xmlns='urn:xmpp:cam:0'>"
                + "<client connected='true' type='session'><first-seen>2026-01-01T00:00:00.000Z</first-seen>"
                + "<last-seen>2026-01-01T00:00:00.000Z</last-seen><auth><password/><fast/></auth>"
                + "<permission status='unrestricted'/>"
                + "<user-agent><software>Monal</software><device>Juliet&apos;s phone</device></user-agent></client>"
                + "<client connected='true' type='session'><auth><password/></auth>"
                + "<user-agent><device>laptop</device></user-agent></client></clients></iq>");
        phone.leaves();
        server.after(Duration.ofHours(5));
        laptop.sends(LIST);
        Element answer = laptop.next();
        assertThat(answer.toString()).contains("connected='false'").doesNotContain(PHONE);
    }

    /**
     * "the server will respond with a 'service-unavailable' error, with the 'password-reset-required' application error" (§3.2).
     */
    @Test
    void revokingEndsSessionAndTokensAndSaysWhenThePasswordIsKnown() {
        TestClient laptop = server.connect("juliet@localhost/laptop");
        TestClient phone = phone();
        assertThat(hasToken()).isTrue();
        String id = list(laptop).get(0).requireAttr("id");
        laptop.sends("<iq type='set' id='r'><revoke xmlns='urn:xmpp:cam:0' id='" + id + "'/></iq>");
        assertThat(laptop.receivesError("service-unavailable").toString()).contains("<password-reset-required ");

        assertThat(phone.streamError())
                .extracting(StreamError::condition)
                .isEqualTo(StreamError.Condition.NOT_AUTHORIZED);
        assertThat(hasToken()).isFalse();
        assertThat(laptop.isClosed()).isFalse();
    }

    @Test
    void clientThatKnowsAnOldPasswordOnlyIsRevokedForGood() {
        TestClient laptop = server.connect("juliet@localhost/laptop");
        TestClient phone = phone();
        server.account("juliet@localhost", "another");
        String id = list(laptop).get(0).requireAttr("id");
        laptop.sends("<iq type='set' id='r'><revoke xmlns='urn:xmpp:cam:0' id='" + id + "'/></iq>");
        laptop.receives("<iq type='result' id='r'/>");

        assertThat(phone.isClosed()).isTrue();
        assertThat(list(laptop)).hasSize(1);
    }

    @Test
    void nobodyButTheAccountSeesOrRevokesAnything() {
        phone();
        TestClient romeo = server.connect("romeo@localhost/x");
        romeo.sends("<iq type='get' id='l' to='juliet@localhost'><list xmlns='urn:xmpp:cam:0'/></iq>");
        romeo.receivesError("service-unavailable");
        String id = list(server.connect("juliet@localhost/laptop")).get(0).requireAttr("id");
        romeo.sends("<iq type='set' id='r'><revoke xmlns='urn:xmpp:cam:0' id='" + id + "'/></iq>");
        romeo.receivesError("item-not-found");
        romeo.sends("<iq type='set' id='r'><revoke xmlns='urn:xmpp:cam:0'/></iq>");
        romeo.receivesError("bad-request");
        assertThat(hasToken()).isTrue();
    }
}
