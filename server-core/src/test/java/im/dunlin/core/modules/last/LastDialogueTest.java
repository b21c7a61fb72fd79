// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.last;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ModuleConfig;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.Golden;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.FaultyStore;
import im.dunlin.storage.memory.MemoryStore;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LastDialogueTest {
    private final TestServer server = TestServer.with(modules());
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private final TestClient juliet = server.connect("juliet@localhost/balcony");

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = ImModules.all();
        modules.put("last", LastModule::new);
        return modules;
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static void ask(TestClient asker, String to) {
        asker.sends("<iq type='get' id='l' to='" + to + "'><query xmlns='jabber:iq:last'/></iq>");
    }

    private Element answer() {
        ask(romeo, "juliet@localhost");
        return Objects.requireNonNull(
                romeo.receives("<iq type='result' id='l'/>").firstChild());
    }

    /** Nor is it kept, where nobody shall learn it. */
    @Test
    void hostThatSwitchedItOffKeepsNothing() throws ConfigException {
        MemoryStore store = new MemoryStore();
        ServerConfig off = new ConfigLoader(Map.of("last", ModuleConfig.None.class))
                .parse("hosts: { localhost: { modules: { last: false } } }");
        try (TestServer without = TestServer.with(store, new TestServer.TestTime(), off, modules())) {
            TestClient tybalt = without.connect("tybalt@localhost/x");
            tybalt.sends("<presence/>");
            tybalt.ignores();
            tybalt.sends("<presence type='unavailable'/>");
            ask(tybalt, "tybalt@localhost");
            tybalt.receivesError("service-unavailable");
            ask(tybalt, "localhost");
            tybalt.receivesError("service-unavailable");
            without.kill();
        }
        try (TestServer with = TestServer.with(store, new TestServer.TestTime(), ServerConfig.defaults(), modules())) {
            TestClient tybalt = with.connect("tybalt@localhost/x");
            ask(tybalt, "tybalt@localhost");
            tybalt.receivesError("item-not-found");
        }
    }

    @Test
    void subscriberLearnsWhenTheUserLeftAndWithWhichWords() {
        ImModules.befriend(romeo, juliet);
        juliet.sends("<presence/>");
        romeo.ignores();
        assertThat(answer().attr("seconds")).isEqualTo("0");

        juliet.sends("<presence type='unavailable'><status>Heading home</status></presence>");
        server.after(Duration.ofSeconds(903));

        Element last = answer();
        assertThat(last.attr("seconds")).isEqualTo("903");
        assertThat(last.text()).isEqualTo("Heading home");
    }

    @Test
    void endOfTheLastSessionCounts() {
        ImModules.befriend(romeo, juliet);
        juliet.sends("<presence/>");
        TestClient chamber = server.connect("juliet@localhost/chamber");
        chamber.sends("<presence/>");
        server.after(Duration.ofMinutes(1));
        chamber.loses();
        romeo.ignores();
        assertThat(answer().attr("seconds")).isEqualTo("0");
        server.after(Duration.ofMinutes(1));
        juliet.loses();
        romeo.ignores();

        server.after(Duration.ofMinutes(5));

        assertThat(answer().attr("seconds")).isEqualTo("300");
    }

    /** A row for each would be a sync for each. */
    @Test
    void clientThatComesBackWithinTheMinuteWritesNothing() {
        FaultyStore store = new FaultyStore(MemoryStore::new);
        try (TestServer counted =
                TestServer.with(store, new TestServer.TestTime(), ServerConfig.defaults(), modules())) {
            comesAndGoes(counted);
            int before = store.writes();

            comesAndGoes(counted);

            assertThat(store.writes()).isEqualTo(before);
        }
    }

    private static void comesAndGoes(TestServer server) {
        TestClient tybalt = server.connect("tybalt@localhost/x");
        tybalt.sends("<presence/>");
        tybalt.ignores();
        tybalt.loses();
        server.settle();
    }

    /** Threat S14: neither when somebody was there, nor whether there is somebody. */
    @Test
    void strangerLearnsNothing() {
        juliet.sends("<presence/>");

        ask(romeo, "juliet@localhost");
        romeo.receivesError("service-unavailable");
        ask(romeo, "nobody@localhost");
        romeo.receivesError("service-unavailable");
    }

    @Test
    void formatIsTheGoldenOne() {
        Golden.check("last-seen-1", LastModule.SPEC.values(), new LastModule.LastSeen(1_767_225_600, "Heading home"));
    }

    @Test
    void serverTellsItsUptime() {
        ask(romeo, "localhost");

        Element query = Objects.requireNonNull(
                romeo.receives("<iq type='result' id='l'/>").firstChild());
        assertThat(Long.parseLong(query.requireAttr("seconds"))).isNotNegative();
    }
}
