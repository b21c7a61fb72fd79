// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.externalservices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.DiscoNodes;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.memory.MemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clock of the server stands at 2026-01-01T00:00:00Z. */
class ExternalServicesDialogueTest {
    private static final String NS = "urn:xmpp:extdisco:2";
    private static final String ALL = "<iq type='get' id='s' to='localhost'><services xmlns='" + NS + "'/></iq>";

    @TempDir
    Path directory;

    private TestServer server;
    private TestClient juliet;

    @BeforeEach
    void start() throws IOException, ConfigException {
        Files.writeString(directory.resolve("turn.secret"), "canary7 secret of relays\n");
        server = server("""
                hosts:
                  montague.example: {}
                  localhost:
                    modules:
                      external-services:
                        secretFile: %s
                        validFor: 24h
                        services:
                          - { type: stun, host: stun.localhost }
                          - { type: turn, host: turn.localhost }
                          - { type: turns, host: turn.localhost, port: 5349, transport: tcp }
                          - { type: turns, host: turn.localhost, port: 443, transport: tcp }
                """.formatted(directory.resolve("turn.secret")));
        juliet = server.connect("juliet@localhost/balcony");
    }

    private static TestServer server(String yaml) throws ConfigException {
        return TestServer.with(
                new MemoryStore(),
                new TestServer.TestTime(),
                config(yaml),
                Map.of(ExternalServicesModule.KEY, ExternalServicesModule::new));
    }

    private static ServerConfig config(String yaml) throws ConfigException {
        return new ConfigLoader(Map.of(ExternalServicesModule.KEY, ExternalServicesModule.Options.class)).parse(yaml);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static List<Element> services(Element answer) {
        return Objects.requireNonNull(answer.firstChild()).children();
    }

    @Test
    void allServicesAreListedInTheOrderOfTheConfiguration() {
        juliet.sends(ALL);

        List<Element> services = services(juliet.receives("<iq type='result' id='s' from='localhost'/>"));

        assertThat(services)
                .extracting(service -> service.attr("type") + " " + service.attr("host") + " " + service.attr("port")
                        + " " + service.attr("transport"))
                .containsExactly(
                        "stun stun.localhost 3478 udp",
                        "turn turn.localhost 3478 udp",
                        "turns turn.localhost 5349 tcp",
                        "turns turn.localhost 443 tcp");
    }

    /** The password is what {@code openssl dgst -sha1 -hmac} makes of the name. */
    @Test
    void credentialsOfARelayAreThoseOfTheSharedSecret() {
        juliet.sends("<iq type='get' id='s' to='localhost'><services xmlns='" + NS + "' type='turn'/></iq>");

        juliet.receives("<iq type='result' id='s'><services xmlns='" + NS + "' type='turn'>"
                + "<service type='turn' host='turn.localhost' restricted='true' username='1767312000:juliet'"
                + " password='Y3AJ02Ha5zObnzvYrYimtXRdwTI=' expires='2026-01-02T00:00:00.000Z'/></services></iq>");
    }

    @Test
    void serviceThatServesEverybodyHasNoCredentials() {
        juliet.sends("<iq type='get' id='s' to='localhost'><services xmlns='" + NS + "' type='stun'/></iq>");

        assertThat(services(juliet.receives("<iq type='result' id='s'/>")))
                .singleElement()
                .satisfies(stun -> assertThat(stun.attr("username")).isNull());
    }

    @Test
    void typeThatNobodyHasIsAnEmptyList() {
        juliet.sends("<iq type='get' id='s' to='localhost'><services xmlns='" + NS + "' type='ftp'/></iq>");

        juliet.receives("<iq type='result' id='s'><services xmlns='" + NS + "' type='ftp'/></iq>");
    }

    /** "There MAY be multiple service elements in the result if more than one service matched" (§3.3). */
    @Test
    void credentialsAreThoseOfAllServicesThatMatch() {
        juliet.sends(credentials("<service host='turn.localhost' type='turns'/>"));
        assertThat(services(juliet.receives("<iq type='result' id='c'><credentials xmlns='" + NS + "'/></iq>")))
                .extracting(service -> service.attr("port"))
                .containsExactly("5349", "443");

        juliet.sends(credentials("<service host='turn.localhost' type='turns' port='443'/>"));
        assertThat(services(juliet.receives("<iq type='result' id='c'/>")))
                .singleElement()
                .satisfies(service -> assertThat(service.attr("password")).isNotNull());
    }

    @Test
    void credentialsForWhatHasNoneAreNotThere() {
        for (String service : List.of(
                "<service host='stun.localhost' type='stun'/>",
                "<service host='elsewhere.example' type='turn'/>",
                "<service host='turn.localhost' type='turn' port='1'/>")) {
            juliet.sends(credentials(service));
            juliet.receivesError("item-not-found");
        }
    }

    /** "which MUST include the 'host' and 'type' attributes" (§3.3). */
    @Test
    void requestForCredentialsSaysOfWhat() {
        for (String service : List.of("", "<service host='turn.localhost'/>", "<service type='turn'/>")) {
            juliet.sends(credentials(service));
            juliet.receivesError("bad-request");
        }
    }

    private static String credentials(String service) {
        return "<iq type='get' id='c' to='localhost'><credentials xmlns='" + NS + "'>" + service
                + "</credentials></iq>";
    }

    @Test
    void accountOfAnotherHostIsRefused() {
        TestClient romeo = server.connect("romeo@montague.example/orchard");

        romeo.sends(ALL);

        romeo.receivesError("forbidden");
    }

    @Test
    void whoIsNoAccountHereIsRefused() {
        Iq stranger = (Iq) TestStanzas.parse(
                "<iq type='get' id='s' from='gateway.example' to='localhost'><services xmlns='" + NS + "'/></iq>");

        server.router().fromComponent(juliet, stranger, 100);
        server.settle();

        // Its answer has nowhere to go: nothing of it may be with the one account that is there.
        juliet.receivesNothing();
        assertThat(juliet.credit()).isEqualTo(100);
    }

    @Test
    void featureIsSaidByHostsThatHaveServices() {
        DiscoNodes nodes = server.modules().nodes(Addressee.SERVER, "localhost").get(0);

        assertThat(nodes.features("localhost")).containsExactly(NS);
        assertThat(nodes.features("montague.example")).isEmpty();
    }

    @Test
    void relayNeedsASecretAndEachServiceAHost() {
        assertProblem("services: [ { type: turn, host: turn.localhost } ]", "turn needs a secretFile");
        assertProblem("services: [ { type: stun } ]", "a service needs a host");
        assertProblem("secretFile: " + directory.resolve("none"), "this one cannot be read");
    }

    private static void assertProblem(String options, String problem) {
        assertThatThrownBy(
                        () -> config("hosts: { localhost: { modules: { external-services: { " + options + " } } } }"))
                .hasMessageContaining(problem);
    }
}
