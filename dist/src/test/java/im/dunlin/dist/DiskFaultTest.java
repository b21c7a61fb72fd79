// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.files.DirectoryFileStore;
import im.dunlin.core.files.SharedFiles;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.push.app.Apps;
import im.dunlin.storage.FaultyStore;
import im.dunlin.storage.memory.MemoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The disk fails at each write and each sync of a scenario in turn, with all modules of a server. Whatever a client was told
 * until then is there afterwards, and nothing is half done.
 */
class DiskFaultTest {
    private static final String JULIET = "juliet@localhost";
    private static final String ROMEO = "romeo@localhost";

    private static final Name BODY = Name.of(Ns.CLIENT, "body");
    private static final Name ROSTER = Name.of("jabber:iq:roster", "query");
    private static final Name ITEM = Name.of("jabber:iq:roster", "item");

    private enum Fault {
        /** Nothing of the write arrives. */
        AT_WRITE(FaultyStore::failAtWrite, FaultyStore.Crash.MACHINE),
        /** The write arrives, but its outcome is not known. */
        BEHIND_WRITE(FaultyStore::failBehindWrite, FaultyStore.Crash.MACHINE),
        AT_SYNC(FaultyStore::failAtSync, FaultyStore.Crash.MACHINE),
        AT_SYNC_OF_A_PROCESS(FaultyStore::failAtSync, FaultyStore.Crash.PROCESS);

        private final BiConsumer<FaultyStore, Integer> cause;
        private final FaultyStore.Crash crash;

        Fault(BiConsumer<FaultyStore, Integer> cause, FaultyStore.Crash crash) {
            this.cause = cause;
            this.crash = crash;
        }
    }

    @TempDir
    Path directory;

    private SharedFiles files;

    @BeforeEach
    void open() throws IOException {
        files = new SharedFiles(DirectoryFileStore.open(directory), 0);
    }

    @AfterEach
    void close() {
        files.close();
    }

    /** Who says what. */
    private record Step(String who, String xml) {}

    private static final List<Step> SCENARIO = List.of(
            new Step(JULIET, "<presence type='subscribe' to='" + ROMEO + "'/>"),
            new Step(ROMEO, "<presence type='subscribed' to='" + JULIET + "'/>"),
            new Step(ROMEO, "<presence type='subscribe' to='" + JULIET + "'/>"),
            new Step(JULIET, "<presence type='subscribed' to='" + ROMEO + "'/>"),
            new Step(JULIET, roster("named", ROMEO, "name='Romeo'")),
            new Step(JULIET, message(ROMEO, "one")),
            new Step(ROMEO, message(JULIET + "/first", "two")),
            new Step(ROMEO, "<r xmlns='urn:xmpp:sm:3'/>"),
            new Step(JULIET, set("vcard", "<vCard xmlns='vcard-temp'><FN>Juliet</FN></vCard>")),
            new Step(
                    JULIET,
                    set("private", "<query xmlns='jabber:iq:private'><storage xmlns='urn:kept'>x</storage></query>")),
            new Step(JULIET, set("block", "<block xmlns='urn:xmpp:blocking'><item jid='tybalt@localhost'/></block>")),
            new Step(JULIET, message("nurse@localhost", "nobody is there")),
            new Step(JULIET, message(JULIET, "to myself")),
            new Step(JULIET, "<r xmlns='urn:xmpp:sm:3'/>"),
            new Step(ROMEO, roster("removed", JULIET, "subscription='remove'")),
            new Step(JULIET, message(ROMEO, "three")),
            new Step(JULIET, "<r xmlns='urn:xmpp:sm:3'/>"));

    private static String message(String to, String body) {
        return "<message type='chat' to='" + to + "'><body>" + body + "</body></message>";
    }

    private static String set(String id, String payload) {
        return "<iq type='set' id='" + id + "'>" + payload + "</iq>";
    }

    private static String roster(String id, String contact, String attributes) {
        return set(id, "<query xmlns='jabber:iq:roster'><item jid='" + contact + "' " + attributes + "/></query>");
    }

    /** What the clients were told, and what that promises. */
    private static final class Told {
        final Set<String> results = new HashSet<>();
        final Set<String> delivered = new HashSet<>();
        final Set<String> acknowledged = new HashSet<>();

        /** Without a fault all of it is told, or the other runs would prove nothing. */
        void assertEverything() {
            assertThat(results).contains("named", "removed", "vcard", "private", "block");
            assertThat(delivered).contains("one", "two", "three", "to myself");
            assertThat(String.join("", acknowledged)).contains(">one<", ">two<", ">three<", ">to myself<");
        }

        void hears(TestClient client, List<String> sent) {
            while (client.waiting() > 0) {
                Element next = client.next();
                if ("result".equals(next.attr("type"))) {
                    results.add(next.attr("id"));
                } else if (next.has(BODY) && !"error".equals(next.attr("type"))) {
                    delivered.add(next.text(BODY));
                } else if (next.name().local().equals("a")) {
                    acknowledged.addAll(sent.subList(0, Integer.parseInt(next.requireAttr("h"))));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void whateverWasToldIsThereAndNothingIsHalfDone(Fault fault) {
        int at = 0;
        boolean failed = true;
        while (failed) {
            FaultyStore faulty = new FaultyStore(MemoryStore::new);
            TestServer.TestTime time = new TestServer.TestTime();
            TestServer server = TestServer.with(faulty, time, modules());
            TestClient juliet = online(server, JULIET + "/first");
            TestClient romeo = online(server, ROMEO + "/first");
            fault.cause.accept(faulty, at);

            Told told = new Told();
            List<String> hers = new ArrayList<>();
            List<String> his = new ArrayList<>();
            for (Step step : SCENARIO) {
                boolean isHers = step.who().equals(JULIET);
                if (!step.xml().startsWith("<r")) {
                    (isHers ? hers : his).add(step.xml());
                }
                (isHers ? juliet : romeo).sends(step.xml());
                told.hears(juliet, hers);
                told.hears(romeo, his);
            }
            failed = server.hasFailed();
            if (!failed) {
                told.assertEverything();
            }
            server.kill();
            faulty.crash(fault.crash);

            try (TestServer restarted = TestServer.with(faulty, time, modules())) {
                verify(restarted, told, fault + " " + at);
            }
            at++;
        }
        // Each step is written and synced; the sides of one that has two may be synced together.
        long steps =
                SCENARIO.stream().filter(step -> !step.xml().startsWith("<r")).count();
        assertThat((long) at).as("faults").isGreaterThan(steps);
    }

    /** All of a server, which provides the first by itself. */
    private Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = new LinkedHashMap<>();
        modules.put(
                "surroundings",
                setup -> setup.provide(PublicAddresses.class, new PublicAddresses(setup.config(), domain -> domain))
                        .provide(SharedFiles.class, files)
                        .provide(Apps.class, Apps.NONE));
        modules.putAll(StandardModules.constructors());
        return modules;
    }

    private static TestClient online(TestServer server, String jid) {
        TestClient client = server.connect(jid);
        client.sends("<presence/>");
        client.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        client.ignores();
        return client;
    }

    private static void verify(TestServer server, Told told, String where) {
        TestClient juliet = server.connect(JULIET + "/second");
        TestClient romeo = server.connect(ROMEO + "/second");

        List<String> hers = archive(juliet);
        List<String> his = archive(romeo);
        List<String> between = List.of("one", "two", "three");
        for (String text : between) {
            assertThat(hers.contains(text))
                    .as(where + ": " + text + " is in both archives or none")
                    .isEqualTo(his.contains(text));
            if (told.delivered.contains(text)) {
                assertThat(hers).as(where + ": delivered").contains(text);
            }
        }
        assertThat(hers).as(where).doesNotHaveDuplicates();
        assertThat(his).as(where).doesNotHaveDuplicates();
        for (String stanza : told.acknowledged) {
            for (String text : between) {
                if (stanza.contains("<body>" + text + "</body>")) {
                    assertThat(hers).as(where + ": acknowledged").contains(text);
                }
            }
        }

        Element herItem = item(juliet, ROMEO);
        Element hisItem = item(romeo, JULIET);
        assertThat(hears(herItem)).as(where + ": she hears him").isEqualTo(isHeard(hisItem));
        assertThat(hears(hisItem)).as(where + ": he hears her").isEqualTo(isHeard(herItem));
        if (told.results.contains("named")) {
            assertThat(herItem).as(where).isNotNull();
            assertThat(herItem.attr("name")).as(where).isEqualTo("Romeo");
        }
        if (told.results.contains("removed")) {
            assertThat(hisItem).as(where).isNull();
        }
        if (told.results.contains("vcard")) {
            assertThat(get(juliet, "<vCard xmlns='vcard-temp'/>").toString())
                    .as(where)
                    .contains("Juliet");
        }
        if (told.results.contains("private")) {
            assertThat(get(juliet, "<query xmlns='jabber:iq:private'><storage xmlns='urn:kept'/></query>")
                            .toString())
                    .as(where)
                    .contains(">x<");
        }
        if (told.results.contains("block")) {
            assertThat(get(juliet, "<blocklist xmlns='urn:xmpp:blocking'/>").toString())
                    .as(where)
                    .contains("tybalt@localhost");
        }
    }

    private static List<String> archive(TestClient client) {
        client.ignores();
        client.sends("<iq type='set' id='page'><query xmlns='urn:xmpp:mam:2'/></iq>");
        List<String> texts = new ArrayList<>();
        Element next = client.next();
        while (next.name().local().equals("message")) {
            texts.add(next.requireChild(Name.of("urn:xmpp:mam:2", "result"))
                    .requireChild(Name.of("urn:xmpp:forward:0", "forwarded"))
                    .requireChild(Name.of(Ns.CLIENT, "message"))
                    .requireText(BODY));
            next = client.next();
        }
        assertThat(next.attr("type")).as(next.toString()).isEqualTo("result");
        return texts;
    }

    private static @Nullable Element item(TestClient client, String contact) {
        return get(client, "<query xmlns='jabber:iq:roster'/>").requireChild(ROSTER).children(ITEM).stream()
                .filter(item -> contact.equals(item.attr("jid")))
                .findFirst()
                .orElse(null);
    }

    private static boolean hears(@Nullable Element item) {
        return item != null && Set.of("to", "both").contains(subscription(item));
    }

    private static boolean isHeard(@Nullable Element item) {
        return item != null && Set.of("from", "both").contains(subscription(item));
    }

    private static String subscription(Element item) {
        return Objects.requireNonNullElse(item.attr("subscription"), "none");
    }

    private static Element get(TestClient client, String payload) {
        client.ignores();
        client.sends("<iq type='get' id='get'>" + payload + "</iq>");
        return client.receives("<iq type='result' id='get'/>");
    }
}
