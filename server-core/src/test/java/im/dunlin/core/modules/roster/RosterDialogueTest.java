// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.stream.Advertisement;
import im.dunlin.core.stream.StreamTrait;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.Epoch;
import im.dunlin.storage.memory.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RosterDialogueTest {
    private final TestServer server = TestServer.with(ImModules.all());
    private final TestClient juliet = server.connect("juliet@localhost/balcony");

    @AfterEach
    void close() {
        server.close();
    }

    private static Element query(Element iq) {
        return Objects.requireNonNull(iq.firstChild());
    }

    private static List<Element> items(Element iq) {
        return query(iq).children();
    }

    private Element roster(TestClient client) {
        client.sends("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
        return client.receives("<iq type='result' id='r'><query xmlns='jabber:iq:roster'/></iq>");
    }

    private void set(TestClient client, String item) {
        client.sends("<iq type='set' id='s'><query xmlns='jabber:iq:roster'>" + item + "</query></iq>");
    }

    private String version(TestClient client) {
        return Objects.requireNonNull(query(roster(client)).attr("ver"));
    }

    // ---- RFC 6121 §2.1, §2.2

    @Test
    void newAccountHasAnEmptyRoster() {
        assertThat(items(roster(juliet))).isEmpty();
    }

    /** §2.3.2: "the server MUST return an IQ stanza of type "result" … then push the new roster item to all". */
    @Test
    void setIsAnsweredAndPushedToInterestedResourcesOnly() {
        TestClient chamber = server.connect("juliet@localhost/chamber");
        roster(juliet);

        set(
                juliet,
                "<item xmlns='jabber:iq:roster' jid='nurse@localhost' name='Nurse'>"
                        + "<group xmlns='jabber:iq:roster'>Servants</group></item>");

        juliet.receives("<iq type='result' id='s'/>");
        Element push = juliet.receives("<iq type='set' from='juliet@localhost' to='juliet@localhost/balcony'>"
                + "<query xmlns='jabber:iq:roster'>"
                + "<item jid='nurse@localhost' name='Nurse' subscription='none'><group>Servants</group></item>"
                + "</query></iq>");
        assertThat(push.attr("id")).isNotNull();
        juliet.receivesNothing();
        chamber.receivesNothing();
        assertThat(items(roster(juliet))).hasSize(1);
    }

    /** §2.1.2.5: "the server MUST ignore any value of the 'subscription' attribute other than "remove"". */
    @Test
    void clientCannotGrantItselfASubscription() {
        set(juliet, "<item jid='romeo@localhost' subscription='both' ask='subscribe' approved='true'/>");
        juliet.ignores();

        Element item = items(roster(juliet)).get(0);

        assertThat(item.attr("subscription")).isEqualTo("none");
        assertThat(item.attr("ask")).isNull();
        assertThat(item.attr("approved")).isNull();
    }

    @Test
    void nameAndGroupsAreReplaced() {
        set(juliet, "<item jid='romeo@localhost' name='Romeo'><group>Friends</group><group>Lovers</group></item>");
        set(juliet, "<item jid='romeo@localhost'><group>Lovers</group></item>");
        juliet.ignores();

        Element item = items(roster(juliet)).get(0);

        assertThat(item.attr("name")).isNull();
        assertThat(item.children()).hasSize(1);
    }

    /** §2.3.3, threat R08. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "bad-request|",
                "bad-request|<item jid='a@localhost'/><item jid='b@localhost'/>",
                "bad-request|<thing/>",
                "bad-request|<item/>",
                "bad-request|<item jid='a@localhost'><group>x</group><group>x</group></item>",
                "not-acceptable|<item jid='a@localhost'><group/></item>",
                "jid-malformed|<item jid='@localhost'/>",
                "not-allowed|<item jid='juliet@localhost'/>",
                "item-not-found|<item jid='a@localhost' subscription='remove'/>"
            })
    void badSetIsRefused(String conditionAndItem) {
        String condition = conditionAndItem.substring(0, conditionAndItem.indexOf('|'));

        set(juliet, conditionAndItem.substring(conditionAndItem.indexOf('|') + 1));

        juliet.receivesError(condition);
        juliet.receivesNothing();
        assertThat(items(roster(juliet))).isEmpty();
    }

    @Test
    void longNamesAndManyGroupsAreRefused() {
        set(juliet, "<item jid='a@localhost' name='" + "n".repeat(257) + "'/>");
        juliet.receivesError("not-acceptable");
        set(juliet, "<item jid='a@localhost'><group>" + "ñ".repeat(129) + "</group></item>");
        juliet.receivesError("not-acceptable");
        StringBuilder groups = new StringBuilder();
        for (int i = 0; i <= 50; i++) {
            groups.append("<group>").append(i).append("</group>");
        }
        set(juliet, "<item jid='a@localhost'>" + groups + "</item>");
        juliet.receivesError("resource-constraint");
        set(juliet, "<item jid='a@localhost' name='" + "n".repeat(256) + "'/>");
        juliet.receives("<iq type='result' id='s'/>");
    }

    @Test
    void removedItemIsPushedAsRemoved() {
        roster(juliet);
        set(juliet, "<item jid='nurse@localhost'/>");
        juliet.ignores();

        set(juliet, "<item jid='nurse@localhost' subscription='remove'/>");

        juliet.receives("<iq type='result' id='s'/>");
        juliet.receives("<iq type='set'><query xmlns='jabber:iq:roster'>"
                + "<item jid='nurse@localhost' subscription='remove'/></query></iq>");
        assertThat(items(roster(juliet))).isEmpty();
    }

    /** Threats S03 and S15: a roster is its owner's alone, and its pushes come from the server alone. */
    @Test
    void nobodyReadsOrPushesToAnothersRoster() {
        TestClient romeo = server.connect("romeo@localhost/orchard");
        String item = "<query xmlns='jabber:iq:roster'><item jid='evil@localhost'/></query></iq>";

        romeo.sends("<iq type='get' id='a' to='juliet@localhost'><query xmlns='jabber:iq:roster'/></iq>");
        romeo.receivesError("service-unavailable");
        romeo.sends("<iq type='set' id='b' to='juliet@localhost'>" + item);
        romeo.receivesError("service-unavailable");
        romeo.sends("<iq type='set' id='c' to='juliet@localhost/balcony'>" + item);
        romeo.receivesError("service-unavailable");
        romeo.sends("<iq type='get' id='d' to='localhost'><query xmlns='jabber:iq:roster'/></iq>");
        romeo.receivesError("service-unavailable");

        juliet.receivesNothing();
        assertThat(items(roster(juliet))).isEmpty();
        assertThat(items(roster(romeo))).isEmpty();
    }

    // ---- §2.6

    @Test
    void knownVersionGetsWhatChangedSince() {
        set(juliet, "<item jid='nurse@localhost'/>");
        set(juliet, "<item jid='romeo@localhost'/>");
        set(juliet, "<item jid='tybalt@localhost'/>");
        juliet.ignores();
        String known = version(juliet);
        TestClient chamber = server.connect("juliet@localhost/chamber");
        set(chamber, "<item jid='tybalt@localhost' subscription='remove'/>");
        set(chamber, "<item jid='romeo@localhost' name='Romeo'/>");
        chamber.ignores();
        juliet.ignores();

        chamber.sends("<iq type='get' id='v'><query xmlns='jabber:iq:roster' ver='" + known + "'/></iq>");

        Element result = chamber.receives("<iq type='result' id='v'/>");
        assertThat(result.children()).isEmpty();
        Element first = chamber.receives("<iq type='set'><query xmlns='jabber:iq:roster'>"
                + "<item jid='tybalt@localhost' subscription='remove'/></query></iq>");
        Element second = chamber.receives("<iq type='set'><query xmlns='jabber:iq:roster'>"
                + "<item jid='romeo@localhost' name='Romeo' subscription='none'/></query></iq>");
        chamber.receivesNothing();
        assertThat(query(first).attr("ver")).isGreaterThan(known);
        assertThat(query(second).attr("ver")).isEqualTo(version(juliet));
    }

    @Test
    void currentVersionGetsAnEmptyResult() {
        set(juliet, "<item jid='nurse@localhost'/>");
        juliet.ignores();
        String known = version(juliet);

        juliet.sends("<iq type='get' id='v'><query xmlns='jabber:iq:roster' ver='" + known + "'/></iq>");

        assertThat(juliet.receives("<iq type='result' id='v'/>").children()).isEmpty();
        juliet.receivesNothing();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0000000000000000", "9999999999999999", "ver14", "-000000000000001", "1"})
    void versionThatIsNoneOfOursGetsTheWholeRoster(String version) {
        set(juliet, "<item jid='nurse@localhost'/>");
        juliet.ignores();

        juliet.sends("<iq type='get' id='v'><query xmlns='jabber:iq:roster' ver='" + version + "'/></iq>");

        assertThat(items(juliet.receives("<iq type='result' id='v'/>"))).hasSize(1);
        juliet.receivesNothing();
    }

    @Test
    void contactThatWasRemovedAndCameBackIsNotReportedAsRemoved() {
        set(juliet, "<item jid='nurse@localhost'/>");
        juliet.ignores();
        String known = version(juliet);
        set(juliet, "<item jid='nurse@localhost' subscription='remove'/>");
        set(juliet, "<item jid='nurse@localhost' name='Angelica'/>");
        juliet.ignores();

        juliet.sends("<iq type='get' id='v'><query xmlns='jabber:iq:roster' ver='" + known + "'/></iq>");

        juliet.receives("<iq type='result' id='v'/>");
        juliet.receives("<iq type='set'><query xmlns='jabber:iq:roster'><item name='Angelica'/></query></iq>");
        juliet.receivesNothing();
    }

    @Test
    void versionOlderThanTheRemovalsThatAreKeptGetsTheWholeRoster() {
        set(juliet, "<item jid='nurse@localhost'/>");
        juliet.ignores();
        String known = version(juliet);
        for (int i = 0; i <= Roster.MAX_REMOVALS; i++) {
            set(juliet, "<item jid='guest" + i + "@localhost'/>");
            set(juliet, "<item jid='guest" + i + "@localhost' subscription='remove'/>");
            juliet.ignores();
        }

        juliet.sends("<iq type='get' id='v'><query xmlns='jabber:iq:roster' ver='" + known + "'/></iq>");

        assertThat(items(juliet.receives("<iq type='result' id='v'/>"))).hasSize(1);
        juliet.receivesNothing();
    }

    /** DESIGN settled 7: what a client learned in a time that was lost may never have happened. */
    @Test
    void versionFromALostTimeGetsTheWholeRoster() {
        MemoryStore store = new MemoryStore();
        TestServer.TestTime time = new TestServer.TestTime();
        String known;
        try (TestServer before = TestServer.with(store, time, ImModules.all())) {
            TestClient client = before.connect("juliet@localhost/balcony");
            set(client, "<item jid='nurse@localhost'/>");
            client.ignores();
            known = version(client);
        }
        long lost = Long.parseLong(known);
        store.cluster().addEpoch(new Epoch(lost - 1, lost));

        try (TestServer after = TestServer.with(store, time, ImModules.all())) {
            TestClient client = after.connect("juliet@localhost/balcony");
            client.sends("<iq type='get' id='v'><query xmlns='jabber:iq:roster' ver='" + known + "'/></iq>");

            assertThat(items(client.receives("<iq type='result' id='v'/>"))).hasSize(1);
        }
    }

    /** Threat R08. */
    @Test
    void fullRosterTakesNoMoreContacts() throws ConfigException {
        ServerConfig config = new ConfigLoader(Map.of()).parse("hosts: { localhost: { limits: { rosterItems: 10 } } }");
        try (TestServer small =
                TestServer.with(new MemoryStore(), new TestServer.TestTime(), config, ImModules.all())) {
            TestClient client = small.connect("juliet@localhost/balcony");
            for (int i = 0; i < 10; i++) {
                set(client, "<item jid='contact" + i + "@localhost'/>");
                client.receives("<iq type='result' id='s'/>");
            }

            set(client, "<item jid='contact10@localhost'/>");
            client.receivesError("resource-constraint");
            client.sends("<presence type='subscribe' to='contact10@localhost'/>");
            client.receivesError("resource-constraint");

            set(client, "<item jid='contact9@localhost' name='Nine'/>");
            client.receives("<iq type='result' id='s'/>");
            set(client, "<item jid='contact9@localhost' subscription='remove'/>");
            client.receives("<iq type='result' id='s'/>");
            set(client, "<item jid='contact10@localhost'/>");
            client.receives("<iq type='result' id='s'/>");
        }
    }

    @Test
    void rosterIsBoundedAsAWhole() throws ConfigException {
        ServerConfig config =
                new ConfigLoader(Map.of()).parse("hosts: { localhost: { limits: { rosterBytes: 10000 } } }");
        try (TestServer small =
                TestServer.with(new MemoryStore(), new TestServer.TestTime(), config, ImModules.all())) {
            TestClient client = small.connect("juliet@localhost/balcony");
            String name = " name='" + "x".repeat(200) + "'";
            int taken = 0;
            while (true) {
                set(client, "<item jid='contact" + taken + "@localhost'" + name + "/>");
                Element answer = client.next();
                if ("error".equals(answer.attr("type"))) {
                    assertThat(answer.toString()).contains("resource-constraint");
                    break;
                }
                taken++;
            }
            assertThat(taken).isBetween(30, 40);

            set(client, "<item jid='contact0@localhost'/>");
            client.receives("<iq type='result' id='s'/>");
            set(client, "<item jid='another@localhost'/>");
            client.receives("<iq type='result' id='s'/>");
            client.sends("<presence type='subscribe' to='another@localhost'/>");
            client.receivesNothing();
        }
    }

    @Test
    void versionsAndPreApprovalAreOfferedToWhoeverHasLoggedIn() {
        assertThat(server.modules().streamFeatures())
                .filteredOn(feature -> feature instanceof Advertisement)
                .allSatisfy(feature -> assertThat(feature.needs()).containsExactly(StreamTrait.AUTHENTICATED))
                .extracting(feature -> ((Advertisement) feature).element().apply(null))
                .extracting(String::valueOf)
                .containsExactly(
                        "<ver xmlns='urn:xmpp:features:rosterver'/>", "<sub xmlns='urn:xmpp:features:pre-approval'/>");
    }
}
