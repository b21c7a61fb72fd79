// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import static im.dunlin.core.modules.pubsub.PepFixture.available;
import static im.dunlin.core.modules.pubsub.PepFixture.condition;
import static im.dunlin.core.modules.pubsub.PepFixture.form;
import static im.dunlin.core.modules.pubsub.PepFixture.get;
import static im.dunlin.core.modules.pubsub.PepFixture.ids;
import static im.dunlin.core.modules.pubsub.PepFixture.item;
import static im.dunlin.core.modules.pubsub.PepFixture.items;
import static im.dunlin.core.modules.pubsub.PepFixture.options;
import static im.dunlin.core.modules.pubsub.PepFixture.owner;
import static im.dunlin.core.modules.pubsub.PepFixture.presence;
import static im.dunlin.core.modules.pubsub.PepFixture.publish;
import static im.dunlin.core.modules.pubsub.PepFixture.published;
import static im.dunlin.core.modules.pubsub.PepFixture.pubsub;
import static im.dunlin.core.modules.pubsub.PepFixture.set;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** XEP-0163, and XEP-0060 on accounts. */
class PepDialogueTest {
    private static final String JULIET = "to='juliet@localhost'";
    private static final String TUNE = "urn:tune";

    private final TestServer server = TestServer.with(PepFixture.modules());
    private final TestClient juliet = server.connect("juliet@localhost/balcony");
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private final TestClient stranger = server.connect("tybalt@localhost/street");

    PepDialogueTest() {
        ImModules.befriend(romeo, juliet);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String event(String content) {
        return "<message type='headline' from='juliet@localhost'><event xmlns='" + Ns.PUBSUB_EVENT + "'>" + content
                + "</event></message>";
    }

    // ---- publish and retrieve

    /** §4: "If the node does not already exist, the PEP service MUST create the node." */
    @Test
    void publishingMakesTheNode() {
        publish(juliet, TUNE, item("1", "lark"), "");

        juliet.receives(
                "<iq type='result' id='s'>" + pubsub("<publish node='urn:tune'><item id='1'/></publish>") + "</iq>");
        assertThat(items(juliet, "", "node='urn:tune'").toString()).contains("lark");
    }

    @Test
    void itemWithoutAnIdGetsOneThatNobodyGuesses() {
        publish(juliet, TUNE, "<item><tune xmlns='urn:tune'/></item>", "");

        assertThat(juliet.receives("<iq type='result' id='s'/>").toString()).containsPattern("id='[0-9a-f]{32}'");
    }

    @Test
    void nodeKeepsOneItemUnlessItIsToldOtherwise() {
        published(juliet, TUNE, item("1", "lark"), "");
        published(juliet, TUNE, item("2", "nightingale"), "");

        assertThat(ids(items(juliet, "", "node='urn:tune'"))).isEqualTo("2");
    }

    /** XEP-0060 §7.1.5: the node is made "with default configuration in all respects except those specified". */
    @Test
    void publishOptionsAreTheConfigurationOfANewNode() {
        published(juliet, TUNE, item("1", "a"), options("max_items", "max", "access_model", "open"));
        published(juliet, TUNE, item("2", "b"), options("max_items", "max"));
        published(juliet, TUNE, item("3", "c"), "");

        assertThat(ids(items(stranger, JULIET, "node='urn:tune'"))).isEqualTo("1 2 3");
    }

    /** XEP-0060 §7.1.5: "the publish MUST fail with a conflict error condition". */
    @Test
    void publishOptionsArePreconditionsOfANodeThatIsThere() {
        published(juliet, TUNE, item("1", "a"), options("access_model", "whitelist"));

        publish(juliet, TUNE, item("2", "b"), options("access_model", "open"));

        assertThat(condition(juliet.receivesError("conflict"))).isEqualTo("precondition-not-met");
        assertThat(ids(items(juliet, "", "node='urn:tune'"))).isEqualTo("1");
        published(juliet, TUNE, item("2", "b"), options("access_model", "whitelist", "persist_items", "1"));
    }

    /** XEP-0060 §7.1.5: "it MUST reject the publication upon encountering unknown fields". */
    @Test
    void unknownPublishOptionIsRefused() {
        publish(juliet, TUNE, item("1", "a"), options("nonsense", "1"));

        assertThat(condition(juliet.receivesError("conflict"))).isEqualTo("precondition-not-met");
        get(juliet, "", pubsub("<items node='urn:tune'/>"));
        juliet.receivesError("item-not-found");
    }

    @Test
    void itemOfTheSameIdIsReplacedAndBecomesTheNewest() {
        published(juliet, TUNE, item("1", "a"), options("max_items", "5"));
        published(juliet, TUNE, item("2", "b"), "");
        published(juliet, TUNE, item("1", "c"), "");

        Element items = items(juliet, "", "node='urn:tune'");

        assertThat(ids(items)).isEqualTo("2 1");
        assertThat(items.toString()).contains(">c<").doesNotContain(">a<");
        assertThat(ids(items(juliet, "", "node='urn:tune' max_items='1'"))).isEqualTo("1");
    }

    @Test
    void itemsAreAskedForById() {
        published(juliet, TUNE, item("1", "a"), options("max_items", "5"));
        published(juliet, TUNE, item("2", "b"), "");

        get(juliet, "", pubsub("<items node='urn:tune'><item id='1'/><item id='9'/></items>"));
        Element answer = juliet.receives("<iq type='result'/>");
        assertThat(answer.toString()).contains("id='1'").doesNotContain("id='2'");
        get(juliet, "", pubsub("<items node='urn:tune'><item id='9'/></items>"));
        juliet.receivesError("item-not-found");
    }

    /** XEP-0060 §6.5.4 with XEP-0059. */
    @Test
    void itemsAreGivenInPages() {
        published(juliet, TUNE, item("1", "a"), options("max_items", "max"));
        for (int i = 2; i <= 5; i++) {
            published(juliet, TUNE, item("" + i, "b"), "");
        }
        String set = "<set xmlns='http://jabber.org/protocol/rsm'>";

        get(juliet, "", pubsub("<items node='urn:tune'/>" + set + "<max>2</max></set>"));
        juliet.receives("<iq type='result'>"
                + pubsub("<items node='urn:tune'><item id='1'/><item id='2'/></items>" + set
                        + "<first>1</first><last>2</last><count>5</count></set>")
                + "</iq>");
        get(juliet, "", pubsub("<items node='urn:tune'/>" + set + "<max>2</max><after>2</after></set>"));
        juliet.receives("<iq type='result'>" + pubsub("<items><item id='3'/><item id='4'/></items>") + "</iq>");
        get(juliet, "", pubsub("<items node='urn:tune'/>" + set + "<max>2</max><before/></set>"));
        juliet.receives("<iq type='result'>" + pubsub("<items><item id='4'/><item id='5'/></items>") + "</iq>");
        get(juliet, "", pubsub("<items node='urn:tune'/>" + set + "<max>0</max></set>"));
        juliet.receives("<iq type='result'>" + pubsub("<items/>" + set + "<count>5</count></set>") + "</iq>");
        get(juliet, "", pubsub("<items node='urn:tune'/>" + set + "<after>gone</after></set>"));
        juliet.receivesError("item-not-found");
    }

    // ---- events

    /** §4.3.2: "the PEP service shall send notifications to all of the account owner's available resources". */
    @Test
    void everyInterestedSessionOfTheAccountHearsOfIt() {
        TestClient chamber = server.connect("juliet@localhost/chamber");
        available(chamber, TUNE);
        available(juliet, "urn:mood");
        chamber.ignores();
        juliet.ignores();

        published(juliet, TUNE, item("1", "lark"), "");

        Element event = chamber.receives(event("<items node='urn:tune'>" + item("1", "lark") + "</items>"));
        assertThat(event.attr("to")).isEqualTo("juliet@localhost/chamber");
        juliet.receivesNothing();
    }

    /** §4.3.1: an entity that shares presence, is authorised and advertises an interest. */
    @Test
    void interestedSessionsOfContactsHearOfIt() {
        TestClient deaf = server.connect("romeo@localhost/street");
        available(romeo, TUNE);
        available(deaf, "urn:mood");
        available(stranger, TUNE);
        romeo.ignores();
        deaf.ignores();
        stranger.ignores();

        published(juliet, TUNE, item("1", "lark"), "");

        Element event = romeo.receives(event("<items node='urn:tune'>" + item("1", "lark") + "</items>"));
        assertThat(event.attr("to")).isEqualTo("romeo@localhost/orchard");
        deaf.receivesNothing();
        stranger.receivesNothing();
    }

    @Test
    void sessionOfNegativePriorityHearsWhatItIsInterestedIn() {
        available(romeo, TUNE);
        romeo.ignores();
        romeo.sends("<presence><priority>-1</priority></presence>");
        romeo.ignores();

        published(juliet, TUNE, item("1", "lark"), "");

        romeo.receives(event("<items node='urn:tune'/>"));
    }

    /** §4.3.3: the last item goes to each newly available resource that is interested, once. */
    @Test
    void newResourceGetsTheLastItem() {
        published(juliet, TUNE, item("1", "a"), options("max_items", "5"));
        published(juliet, TUNE, item("2", "b"), "");
        published(juliet, "urn:mood", item("1", "c"), "");
        juliet.leaves();

        available(romeo, TUNE);

        Element last = romeo.receives(event("<items node='urn:tune'>" + item("2", "b") + "</items>"));
        assertThat(last.toString()).contains("<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00");
        romeo.receivesNothing();
        romeo.sends("<presence><show>away</show></presence>");
        romeo.ignores();
        available(romeo, TUNE);
        romeo.receivesNothing();
    }

    /** Threat R09: each time all contacts are asked. */
    @Test
    void whoChangesItsMindAllTheTimeIsToldTheLastItemsNoOftener() {
        published(juliet, TUNE, item("1", "a"), "");
        available(romeo, "urn:mood");
        available(romeo, TUNE);
        romeo.ignores();

        for (int i = 0; i < 100; i++) {
            romeo.sends(presence("urn:mood"));
            romeo.sends(presence(TUNE));
        }

        assertThat(messages(romeo)).isBetween(1, 10);
        server.after(Duration.ofSeconds(5));
        assertThat(messages(romeo)).isEqualTo(1);
    }

    private static int messages(TestClient client) {
        int messages = 0;
        while (client.waiting() > 0) {
            messages += client.next().name().local().equals("message") ? 1 : 0;
        }
        return messages;
    }

    @Test
    void ownNewResourceGetsTheLastItem() {
        published(juliet, TUNE, item("1", "a"), options("access_model", "whitelist"));

        available(juliet, TUNE);

        juliet.receives(event("<items node='urn:tune'/>"));
    }

    @Test
    void nodeThatNeverSendsItsLastItemDoesNot() {
        published(juliet, TUNE, item("1", "a"), options("send_last_published_item", "never"));

        available(romeo, TUNE);

        romeo.receivesNothing();
    }

    @Test
    void newSubscriberGetsLastItems() {
        published(juliet, TUNE, item("1", "a"), "");
        available(stranger, TUNE);
        stranger.receivesNothing();
        stranger.sends("<presence type='subscribe' to='juliet@localhost'/>");
        stranger.ignores();

        juliet.sends("<presence type='subscribed' to='tybalt@localhost'/>");

        boolean heard = false;
        while (stranger.waiting() > 0) {
            heard |= stranger.next().toString().contains("node='urn:tune'");
        }
        assertThat(heard).isTrue();
    }

    /** §4.3.3: "a PEP service MUST NOT send notifications to a subscriber if the user has blocked the subscriber". */
    @Test
    void blockedContactHearsNothing() {
        published(juliet, TUNE, item("1", "a"), "");
        juliet.sends(
                "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='romeo@localhost'/></block></iq>");
        juliet.ignores();
        available(romeo, TUNE);
        romeo.ignores();

        published(juliet, TUNE, item("2", "b"), "");

        romeo.receivesNothing();
    }

    @Test
    void nobodyHearsOfWhomTheyBlocked() {
        romeo.sends(
                "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='juliet@localhost'/></block></iq>");
        romeo.ignores();
        published(juliet, TUNE, item("1", "a"), "");
        available(romeo, TUNE);
        romeo.ignores();

        published(juliet, TUNE, item("2", "b"), "");

        romeo.receivesNothing();
        juliet.receivesNothing();
    }

    /** A client's own message is no event of its account, whatever stands in it. */
    @Test
    void clientCannotImitateItsAccount() {
        available(romeo, TUNE);
        romeo.ignores();

        juliet.sends("<message type='headline' to='romeo@localhost/orchard'><event xmlns='" + Ns.PUBSUB_EVENT
                + "'><items node='urn:mood'/></event></message>");

        assertThat(romeo.next().attr("from")).isEqualTo("juliet@localhost/balcony");
    }

    // ---- retract, purge, delete

    /** XEP-0060 §7.2.2.1. */
    @Test
    void retractedItemIsGoneAndNotified() {
        available(romeo, TUNE);
        romeo.ignores();
        published(juliet, TUNE, item("1", "a"), "");
        romeo.ignores();

        set(juliet, "", pubsub("<retract node='urn:tune' notify='true'><item id='1'/></retract>"));

        juliet.receives("<iq type='result' id='s'/>");
        romeo.receives(event("<items node='urn:tune'><retract id='1'/></items>"));
        assertThat(ids(items(juliet, "", "node='urn:tune'"))).isEmpty();
    }

    /** XEP-0060 §7.2.3.3 to §7.2.3.5. */
    @Test
    void whatIsNotThereIsNotRetracted() {
        published(juliet, TUNE, item("1", "a"), "");
        available(romeo, TUNE);
        romeo.ignores();

        set(juliet, "", pubsub("<retract node='urn:tune' notify='1'><item id='9'/></retract>"));
        juliet.receivesError("item-not-found");
        set(juliet, "", pubsub("<retract node='urn:none' notify='1'><item id='1'/></retract>"));
        juliet.receivesError("item-not-found");
        set(juliet, "", pubsub("<retract node='urn:tune'/>"));
        assertThat(condition(juliet.receivesError("bad-request"))).isEqualTo("item-required");
        romeo.receivesNothing();
    }

    @Test
    void purgedNodeIsEmptyAndDeletedNodeIsNot() {
        available(romeo, TUNE);
        romeo.ignores();
        published(juliet, TUNE, item("1", "a"), "");
        romeo.ignores();

        set(juliet, "", owner("<purge node='urn:tune'/>"));
        juliet.receives("<iq type='result' id='s'/>");
        romeo.receives(event("<purge node='urn:tune'/>"));
        assertThat(ids(items(juliet, "", "node='urn:tune'"))).isEmpty();
        set(juliet, "", owner("<delete node='urn:tune'/>"));
        juliet.receives("<iq type='result' id='s'/>");
        romeo.receives(event("<delete node='urn:tune'/>"));
        get(juliet, "", pubsub("<items node='urn:tune'/>"));
        juliet.receivesError("item-not-found");
    }

    /** XEP-0060 §8.4.1. */
    @Test
    void deletedNodePointsToWhatTakesItsPlace() {
        available(romeo, TUNE);
        published(juliet, TUNE, item("1", "a"), "");
        romeo.ignores();

        set(juliet, "", owner("<delete node='urn:tune'><redirect uri='xmpp:pubsub.localhost?;node=tunes'/></delete>"));

        juliet.receives("<iq type='result' id='s'/>");
        romeo.receives(event("<delete node='urn:tune'><redirect uri='xmpp:pubsub.localhost?;node=tunes'/></delete>"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3_000})
    void redirectionToNowhereIsRefused(int length) {
        published(juliet, TUNE, item("1", "a"), "");

        String redirect = length == 0 ? "<redirect/>" : "<redirect uri='xmpp:" + "a".repeat(length) + "'/>";
        set(juliet, "", owner("<delete node='urn:tune'>" + redirect + "</delete>"));

        juliet.receivesError(length == 0 ? "bad-request" : "not-acceptable");
        assertThat(ids(items(juliet, "", "node='urn:tune'"))).isEqualTo("1");
    }

    @Test
    void nodeThatIsMadeAgainHasNothingOfTheOldOne() {
        published(juliet, TUNE, item("1", "a"), options("access_model", "open"));
        set(stranger, JULIET, pubsub("<subscribe node='urn:tune' jid='tybalt@localhost'/>"));
        stranger.ignores();
        set(juliet, "", owner("<delete node='urn:tune'/>"));
        juliet.ignores();

        set(juliet, "", pubsub("<create node='urn:tune'/>"));

        juliet.receives("<iq type='result' id='s'/>");
        assertThat(ids(items(juliet, "", "node='urn:tune'"))).isEmpty();
        get(juliet, "", owner("<subscriptions node='urn:tune'/>"));
        assertThat(juliet.next().toString()).doesNotContain("tybalt");
    }

    // ---- access

    /** Threats S10, S14 and S15: a stranger learns as little of a closed node as of an account that is not there. */
    @Test
    void strangerReadsOpenNodesOnly() {
        published(juliet, TUNE, item("1", "a"), options("access_model", "open"));
        published(juliet, "urn:mood", item("1", "a"), "");

        assertThat(ids(items(stranger, JULIET, "node='urn:tune'"))).isEqualTo("1");
        for (String to : new String[] {JULIET, "to='nobody@localhost'"}) {
            get(stranger, to, pubsub("<items node='urn:mood'/>"));
            stranger.receivesError("service-unavailable");
            get(stranger, to, pubsub("<items node='urn:none'/>"));
            stranger.receivesError("service-unavailable");
            set(stranger, to, pubsub("<publish node='urn:none'>" + item("1", "a") + "</publish>"));
            stranger.receivesError("service-unavailable");
            set(stranger, to, owner("<delete node='urn:mood'/>"));
            stranger.receivesError("service-unavailable");
        }
    }

    @Test
    void contactReadsWhatPresenceAllows() {
        published(juliet, TUNE, item("1", "a"), "");
        published(juliet, "urn:mood", item("1", "a"), options("access_model", "whitelist"));

        assertThat(ids(items(romeo, JULIET, "node='urn:tune'"))).isEqualTo("1");
        get(romeo, JULIET, pubsub("<items node='urn:mood'/>"));
        assertThat(condition(romeo.receivesError("not-allowed"))).isEqualTo("closed-node");
    }

    /** Threat S15: neither hers nor, by mistake, his own. */
    @Test
    void contactChangesNothing() {
        published(juliet, TUNE, item("1", "a"), "");

        set(romeo, JULIET, pubsub("<publish node='urn:tune'>" + item("2", "b") + "</publish>"));
        romeo.receivesError("forbidden");
        set(romeo, JULIET, pubsub("<publish node='urn:new'>" + item("2", "b") + "</publish>"));
        romeo.receivesError("item-not-found");
        set(romeo, JULIET, pubsub("<retract node='urn:tune'><item id='1'/></retract>"));
        romeo.receivesError("forbidden");
        set(romeo, JULIET, pubsub("<create node='urn:new'/>"));
        romeo.receivesError("forbidden");
        set(romeo, JULIET, owner("<purge node='urn:tune'/>"));
        romeo.receivesError("forbidden");
        set(romeo, JULIET, owner("<configure node='urn:tune'>" + form(NodeConfig.CONFIG_FORM) + "</configure>"));
        romeo.receivesError("forbidden");

        assertThat(ids(items(juliet, "", "node='urn:tune'"))).isEqualTo("1");
        get(romeo, "", pubsub("<items node='urn:tune'/>"));
        romeo.receivesError("item-not-found");
    }

    @Test
    void rosterNodeIsForItsGroups() {
        published(
                juliet, TUNE, item("1", "a"), options("access_model", "roster", "roster_groups_allowed", "Montagues"));
        get(romeo, JULIET, pubsub("<items node='urn:tune'/>"));
        assertThat(condition(romeo.receivesError("not-authorized"))).isEqualTo("not-in-roster-group");

        juliet.sends("<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='romeo@localhost'>"
                + "<group>Montagues</group></item></query></iq>");

        assertThat(ids(items(romeo, JULIET, "node='urn:tune'"))).isEqualTo("1");
    }

    @Test
    void whitelistedEntityReadsAndHears() {
        published(juliet, TUNE, item("1", "a"), options("access_model", "whitelist"));
        set(
                juliet,
                "",
                owner("<affiliations node='urn:tune'><affiliation jid='romeo@localhost' affiliation='member'/>"
                        + "</affiliations>"));
        juliet.receives("<iq type='result' id='s'/>");
        available(romeo, TUNE);

        romeo.receives(event("<items node='urn:tune'/>"));
        published(juliet, TUNE, item("2", "b"), "");
        romeo.receives(event("<items node='urn:tune'/>"));
        assertThat(ids(items(romeo, JULIET, "node='urn:tune'"))).isEqualTo("2");
    }

    /** What is whitelisted leaks nowhere: not in items, disco, last items, events or subscriptions. */
    @Test
    void whitelistedNodeDoesNotLeak() {
        published(juliet, "urn:secret", item("1", "hush"), options("access_model", "whitelist"));
        available(romeo, "urn:secret");
        romeo.receivesNothing();

        published(juliet, "urn:secret", item("1", "hush"), "");
        romeo.receivesNothing();
        set(romeo, JULIET, pubsub("<subscribe node='urn:secret' jid='romeo@localhost'/>"));
        assertThat(condition(romeo.receivesError("not-allowed"))).isEqualTo("closed-node");
        get(romeo, JULIET, "<query xmlns='" + Ns.DISCO_ITEMS + "'/>");
        assertThat(romeo.next().toString()).doesNotContain("urn:secret");
        get(romeo, JULIET, "<query xmlns='" + Ns.DISCO_ITEMS + "' node='urn:secret'/>");
        romeo.receivesError("item-not-found");
        get(romeo, JULIET, "<query xmlns='" + Ns.DISCO_INFO + "' node='urn:secret'/>");
        romeo.receivesError("item-not-found");
    }

    @Test
    void outcastIsShutOut() {
        published(juliet, TUNE, item("1", "a"), "");
        set(
                juliet,
                "",
                owner("<affiliations node='urn:tune'><affiliation jid='romeo@localhost' affiliation='outcast'/>"
                        + "</affiliations>"));
        juliet.ignores();
        available(romeo, TUNE);
        romeo.receivesNothing();

        published(juliet, TUNE, item("2", "b"), "");

        romeo.receivesNothing();
        get(romeo, JULIET, pubsub("<items node='urn:tune'/>"));
        romeo.receivesError("forbidden");
    }

    @Test
    void publisherPublishesAndRetractsItsOwn() {
        published(juliet, TUNE, item("1", "a"), options("max_items", "5"));
        set(
                juliet,
                "",
                owner("<affiliations node='urn:tune'><affiliation jid='romeo@localhost' affiliation='publisher'/>"
                        + "</affiliations>"));
        juliet.ignores();

        set(romeo, JULIET, pubsub("<publish node='urn:tune'>" + item("2", "b") + "</publish>"));
        romeo.receives("<iq type='result'/>");
        set(romeo, JULIET, pubsub("<retract node='urn:tune'><item id='1'/></retract>"));
        romeo.receivesError("forbidden");
        set(romeo, JULIET, pubsub("<retract node='urn:tune'><item id='2'/></retract>"));
        romeo.receives("<iq type='result'/>");
    }

    @Test
    void ownerCannotGiveItsAccountAway() {
        published(juliet, TUNE, item("1", "a"), "");

        set(
                juliet,
                "",
                owner("<affiliations node='urn:tune'><affiliation jid='juliet@localhost' affiliation='none'/>"
                        + "</affiliations>"));

        juliet.receivesError("not-acceptable");
        get(juliet, "", owner("<affiliations node='urn:tune'/>"));
        juliet.receives("<iq type='result'>"
                + owner("<affiliations node='urn:tune'><affiliation jid='juliet@localhost' affiliation='owner'/>"
                        + "</affiliations>")
                + "</iq>");
    }

    // ---- subscriptions

    @Test
    void strangerSubscribesToAnOpenNode() {
        published(juliet, TUNE, item("1", "a"), options("access_model", "open"));

        set(stranger, JULIET, pubsub("<subscribe node='urn:tune' jid='tybalt@localhost/street'/>"));

        stranger.receives("<iq type='result'>"
                + pubsub("<subscription node='urn:tune' jid='tybalt@localhost/street' subscription='subscribed'/>")
                + "</iq>");
        stranger.receives(event("<items node='urn:tune'>" + item("1", "a") + "</items>"));
        published(juliet, TUNE, item("2", "b"), "");
        stranger.receives(event("<items node='urn:tune'>" + item("2", "b") + "</items>"));
        set(stranger, JULIET, pubsub("<unsubscribe node='urn:tune' jid='tybalt@localhost/street'/>"));
        stranger.receives("<iq type='result' id='s'/>");
        published(juliet, TUNE, item("3", "c"), "");
        stranger.receivesNothing();
    }

    /** §4.3.3: of a subscribed bare JID, the resources that are interested get it. */
    @Test
    void subscribedBareJidIsFilteredByInterest() {
        published(juliet, TUNE, item("1", "a"), options("access_model", "open"));
        set(stranger, JULIET, pubsub("<subscribe node='urn:tune' jid='tybalt@localhost'/>"));
        available(stranger, TUNE);
        TestClient other = server.connect("tybalt@localhost/tavern");
        available(other);
        stranger.ignores();
        other.ignores();

        published(juliet, TUNE, item("2", "b"), "");

        stranger.receives(event("<items node='urn:tune'/>"));
        stranger.receivesNothing();
        other.receivesNothing();
    }

    /** XEP-0060 §6.1.3.1, §6.2.3. */
    @Test
    void subscriptionsOfOthersAreRefused() {
        published(juliet, TUNE, item("1", "a"), "");

        set(romeo, JULIET, pubsub("<subscribe node='urn:tune' jid='tybalt@localhost'/>"));
        assertThat(condition(romeo.receivesError("bad-request"))).isEqualTo("invalid-jid");
        set(romeo, JULIET, pubsub("<subscribe node='urn:tune'/>"));
        assertThat(condition(romeo.receivesError("bad-request"))).isEqualTo("jid-required");
        set(romeo, JULIET, pubsub("<unsubscribe node='urn:tune' jid='romeo@localhost'/>"));
        assertThat(condition(romeo.receivesError("unexpected-request"))).isEqualTo("not-subscribed");
        set(
                juliet,
                "",
                owner("<subscriptions node='urn:tune'>"
                        + "<subscription jid='tybalt@localhost' subscription='subscribed'/></subscriptions>"));
        juliet.receivesError("not-allowed");
    }

    @Test
    void subscriptionIsListed() {
        published(juliet, TUNE, item("1", "a"), "");
        set(romeo, JULIET, pubsub("<subscribe node='urn:tune' jid='romeo@localhost'/>"));
        romeo.ignores();

        get(romeo, JULIET, pubsub("<subscriptions/>"));
        romeo.receives("<iq type='result'>"
                + pubsub(
                        "<subscriptions><subscription node='urn:tune' jid='romeo@localhost' subscription='subscribed'/>"
                                + "</subscriptions>")
                + "</iq>");
        get(juliet, "", owner("<subscriptions node='urn:tune'/>"));
        juliet.receives("<iq type='result'>"
                + owner("<subscriptions node='urn:tune'><subscription jid='romeo@localhost' subscription='subscribed'/>"
                        + "</subscriptions>")
                + "</iq>");
    }

    /** §7.1: "If the modification results in a loss of access, the service MUST cancel the entity's subscription." */
    @Test
    void whoLosesThePresenceLosesTheSubscription() {
        published(juliet, TUNE, item("1", "a"), "");
        set(romeo, JULIET, pubsub("<subscribe node='urn:tune' jid='romeo@localhost/orchard'/>"));
        romeo.ignores();

        juliet.sends("<presence type='unsubscribed' to='romeo@localhost'/>");

        juliet.ignores();
        romeo.ignores();
        get(juliet, "", owner("<subscriptions node='urn:tune'/>"));
        assertThat(juliet.next().toString()).doesNotContain("romeo");
        published(juliet, TUNE, item("2", "b"), "");
        romeo.receivesNothing();
    }

    /** §7.1: "A roster item is modified (e.g., when the item is moved to a new roster group)". */
    @Test
    void whoLeavesTheGroupLosesTheSubscription() {
        String set =
                "<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='romeo@localhost'>%s</item></query></iq>";
        juliet.sends(set.formatted("<group>Montagues</group>"));
        juliet.ignores();
        published(
                juliet, TUNE, item("1", "a"), options("access_model", "roster", "roster_groups_allowed", "Montagues"));
        set(romeo, JULIET, pubsub("<subscribe node='urn:tune' jid='romeo@localhost/orchard'/>"));
        romeo.ignores();

        juliet.sends(set.formatted("<group>Capulets</group>"));

        juliet.ignores();
        romeo.receives(event("<subscription node='urn:tune' jid='romeo@localhost/orchard' subscription='none'/>"));
        get(juliet, "", owner("<subscriptions node='urn:tune'/>"));
        assertThat(juliet.next().toString()).doesNotContain("romeo");
    }

    /** XEP-0060 §8.6. */
    @Test
    void ownerDecidesAboutARequest() {
        juliet.sends("<presence/>");
        juliet.ignores();
        published(juliet, TUNE, item("1", "a"), options("access_model", "authorize"));
        juliet.ignores();
        romeo.ignores();

        set(romeo, JULIET, pubsub("<subscribe node='urn:tune' jid='romeo@localhost/orchard'/>"));
        romeo.receives("<iq type='result'>" + pubsub("<subscription subscription='pending'/>") + "</iq>");
        Element question = juliet.next();
        assertThat(question.toString()).contains("romeo@localhost/orchard").contains("subscribe_authorization");
        get(romeo, JULIET, pubsub("<items node='urn:tune'/>"));
        assertThat(condition(romeo.receivesError("not-authorized"))).isEqualTo("not-subscribed");

        juliet.sends("<message to='juliet@localhost'>"
                + form(
                        Ns.PUBSUB + "#subscribe_authorization",
                        "node",
                        "urn:tune",
                        "subscriber_jid",
                        "romeo@localhost/orchard",
                        "allow",
                        "true")
                + "</message>");

        romeo.receives(event("<subscription node='urn:tune' subscription='subscribed'/>"));
        romeo.receives(event("<items node='urn:tune'/>"));
        assertThat(ids(items(romeo, JULIET, "node='urn:tune'"))).isEqualTo("1");
        juliet.receivesNothing();
    }

    @Test
    void nobodyElseDecides() {
        published(juliet, TUNE, item("1", "a"), options("access_model", "authorize"));
        set(romeo, JULIET, pubsub("<subscribe node='urn:tune' jid='romeo@localhost/orchard'/>"));
        romeo.ignores();

        romeo.sends("<message to='juliet@localhost'>"
                + form(
                        Ns.PUBSUB + "#subscribe_authorization",
                        "node",
                        "urn:tune",
                        "subscriber_jid",
                        "romeo@localhost/orchard",
                        "allow",
                        "true")
                + "</message>");

        romeo.ignores();
        get(romeo, JULIET, pubsub("<items node='urn:tune'/>"));
        romeo.receivesError("not-authorized");
    }

    // ---- configuration

    @Test
    void configurationIsAFormThatTheOwnerFillsIn() {
        published(juliet, TUNE, item("1", "a"), options("max_items", "3"));
        published(juliet, TUNE, item("2", "b"), "");

        get(juliet, "", owner("<configure node='urn:tune'/>"));
        String shown = juliet.receives("<iq type='result'/>").toString();
        assertThat(shown)
                .contains(NodeConfig.CONFIG_FORM)
                .containsPattern("var='pubsub#max_items'[^>]*><value>3</value>");
        set(
                juliet,
                "",
                owner("<configure node='urn:tune'>"
                        + form(NodeConfig.CONFIG_FORM, "max_items", "1", "title", "Tunes", "unknown", "x")
                        + "</configure>"));
        juliet.receives("<iq type='result' id='s'/>");
        assertThat(ids(items(juliet, "", "node='urn:tune'"))).isEqualTo("2");
    }

    @Test
    void impossibleConfigurationIsRefused() {
        published(juliet, TUNE, item("1", "a"), "");

        for (String[] wrong : new String[][] {
            {"access_model", "everybody"}, {"max_items", "0"}, {"max_items", "-1"}, {"persist_items", "perhaps"}
        }) {
            set(
                    juliet,
                    "",
                    owner("<configure node='urn:tune'>" + form(NodeConfig.CONFIG_FORM, wrong) + "</configure>"));
            juliet.receivesError("not-acceptable");
        }
        set(juliet, "", owner("<configure node='urn:tune'>" + form("urn:other") + "</configure>"));
        juliet.receivesError("bad-request");
    }

    @Test
    void changedConfigurationIsNotifiedWhereThatIsWanted() {
        available(romeo, TUNE);
        romeo.ignores();
        published(juliet, TUNE, item("1", "a"), options("notify_config", "1"));
        romeo.ignores();

        set(
                juliet,
                "",
                owner("<configure node='urn:tune'>" + form(NodeConfig.CONFIG_FORM, "title", "x") + "</configure>"));

        romeo.receives(event("<configuration node='urn:tune'/>"));
    }

    /** XEP-0060 §8.1.2 and §8.1.3. */
    @Test
    void nodeIsCreatedOnce() {
        set(
                juliet,
                "",
                pubsub("<create node='urn:tune'/><configure>" + form(NodeConfig.CONFIG_FORM, "access_model", "open")
                        + "</configure>"));
        juliet.receives("<iq type='result'>" + pubsub("<create node='urn:tune'/>") + "</iq>");
        set(juliet, "", pubsub("<create node='urn:tune'/>"));
        juliet.receivesError("conflict");
        assertThat(ids(items(stranger, JULIET, "node='urn:tune'"))).isEmpty();
        set(juliet, "", pubsub("<create/>"));
        assertThat(juliet.receives("<iq type='result'/>").toString()).containsPattern("node='[0-9a-f]{32}'");
    }

    @Test
    void defaultConfigurationIsThatOfXep0163() {
        get(juliet, "", owner("<default/>"));

        assertThat(juliet.receives("<iq type='result'/>").toString())
                .containsPattern("var='pubsub#access_model'[^>]*><value>presence<")
                .containsPattern("var='pubsub#send_last_published_item'[^>]*><value>on_sub_and_presence<")
                .containsPattern("var='pubsub#deliver_notifications'[^>]*><value>true<");
    }

    @Test
    void nodeThatKeepsNothingOnlyNotifies() {
        available(romeo, TUNE);
        romeo.ignores();

        published(juliet, TUNE, item("1", "a"), options("persist_items", "false"));

        romeo.receives(event("<items node='urn:tune'>" + item("1", "a") + "</items>"));
        assertThat(ids(items(juliet, "", "node='urn:tune'"))).isEmpty();
    }

    // ---- disco

    /** §6.1: "the server MUST return an identity of pubsub/pep on behalf of the account". */
    @Test
    void accountSaysWhatItCan() {
        get(juliet, "to='juliet@localhost'", "<query xmlns='" + Ns.DISCO_INFO + "'/>");

        juliet.receives("<iq type='result'><query xmlns='" + Ns.DISCO_INFO + "'>"
                + "<identity category='pubsub' type='pep'/><identity category='account' type='registered'/>"
                + "<feature var='" + Ns.PUBSUB + "#publish-options'/><feature var='" + Ns.PUBSUB + "#auto-create'/>"
                + "<feature var='" + Ns.PUBSUB + "#access-whitelist'/></query></iq>");
    }

    /** §6.2: "MUST return as service discovery items only those nodes to which the contact is allowed to subscribe". */
    @Test
    void contactSeesTheNodesThatItMayRead() {
        published(juliet, TUNE, item("1", "a"), options("title", "Tunes"));
        published(juliet, "urn:secret", item("1", "a"), options("access_model", "whitelist"));

        get(romeo, JULIET, "<query xmlns='" + Ns.DISCO_ITEMS + "'/>");
        Element answer = romeo.receives("<iq type='result'><query xmlns='" + Ns.DISCO_ITEMS
                + "'><item jid='juliet@localhost' node='urn:tune' name='Tunes'/></query></iq>");
        assertThat(answer.toString()).doesNotContain("urn:secret");
        get(romeo, JULIET, "<query xmlns='" + Ns.DISCO_ITEMS + "' node='urn:tune'/>");
        romeo.receives("<iq type='result'><query xmlns='" + Ns.DISCO_ITEMS
                + "' node='urn:tune'><item jid='juliet@localhost' name='1'/></query></iq>");
        get(romeo, JULIET, "<query xmlns='" + Ns.DISCO_INFO + "' node='urn:tune'/>");
        romeo.receives("<iq type='result'><query xmlns='" + Ns.DISCO_INFO
                + "' node='urn:tune'><identity category='pubsub' type='leaf'/></query></iq>");
        get(juliet, "", "<query xmlns='" + Ns.DISCO_ITEMS + "'/>");
        assertThat(Objects.requireNonNull(juliet.next()).toString()).contains("urn:secret");
    }
}
