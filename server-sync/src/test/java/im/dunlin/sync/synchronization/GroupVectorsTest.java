// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import static im.dunlin.sync.synchronization.SyncFixture.ALICE;
import static im.dunlin.sync.synchronization.SyncFixture.SYNC;
import static im.dunlin.sync.synchronization.SyncFixture.conversation;
import static im.dunlin.sync.synchronization.SyncFixture.conversations;
import static im.dunlin.sync.synchronization.SyncFixture.metadata;
import static im.dunlin.sync.synchronization.SyncFixture.names;
import static im.dunlin.sync.synchronization.SyncFixture.state;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Identity;
import im.dunlin.core.module.Service;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.memory.MemoryStore;
import im.dunlin.sync.log.LogCheck;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Conversations with groups that are elsewhere; a service stands for where they are. */
class GroupVectorsTest {
    private static final String GROUPS = "https://xabber.com/protocol/groups";
    private static final String NOTIFY = "https://xabber.com/protocol/rewrite#notify";

    private static final String TEA = "tea@groups.localhost";

    /** Takes what it gets. */
    private static final class Elsewhere implements Service {
        @Override
        public String subdomain() {
            return "groups";
        }

        @Override
        public Identity identity() {
            return new Identity("conference", "text", "groups");
        }

        @Override
        public Set<String> features() {
            return Set.of();
        }

        @Override
        public void receive(Stanza stanza, Turn turn) {
            // Nothing is asked of it here.
        }
    }

    private final SyncFixture alice = new SyncFixture(new MemoryStore(), modules());

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = SyncFixture.modules();
        modules.put("elsewhere", setup -> setup.service(new Elsewhere()));
        return modules;
    }

    /** The group, or whoever else is said to, sends this to Alice. */
    private void sends(String from, String xml) {
        Stanza stanza = TestStanzas.parse(xml.replaceFirst(" ", " from='" + from + "' "));
        alice.server.turn(BareJid.of("groups.localhost"), turn -> {
            turn.route(stanza);
            return null;
        });
        alice.server.settle();
    }

    private void sends(String xml) {
        sends(TEA, xml);
    }

    @AfterEach
    void close() {
        List<LogCheck.Damage> damage = alice.turn(
                turn -> alice.log().check().check(turn.reader(), turn.owner().key(), ALICE));
        assertThat(damage).isEmpty();
        alice.close();
    }

    private static String x(String member) {
        return "<x xmlns='" + GROUPS + "'><reference xmlns='https://xabber.com/protocol/references'><user xmlns='"
                + GROUPS + "' id='" + member + "'><nickname>" + member + "</nickname></user></reference></x>";
    }

    private static String stanzaId(long id) {
        return "<stanza-id xmlns='urn:xmpp:sid:0' by='tea@groups.localhost' id='" + id + "'/>";
    }

    /** A message of the group at T+n, which is also the group's id for it. */
    private void says(String member, long seconds, String body) {
        says(member, seconds, body, "");
    }

    private void says(String member, long seconds, String body, String more) {
        alice.at(seconds);
        sends("<message type='chat' id='g" + seconds + "' to='alice@localhost'><body>" + body + "</body>"
                + stanzaId(seconds) + x(member) + more + "</message>");
    }

    private void event(String name, String attributes, String content, long version) {
        sends("<message type='headline' to='alice@localhost'><" + name + " xmlns='" + NOTIFY + "' type='" + GROUPS
                + "' conversation='tea@groups.localhost' version='" + version + "' " + attributes + ">" + content + "</"
                + name
                + "></message>");
    }

    private void invites(String from) {
        sends(
                from,
                "<message type='chat' id='inv' to='alice@localhost'><body>Come in</body>"
                        + "<invite xmlns='" + GROUPS
                        + "#invite' jid='tea@groups.localhost'><reason>it is five</reason></invite>"
                        + "<x xmlns='" + GROUPS + "'><privacy>incognito</privacy></x></message>");
    }

    private Element only() {
        Element query = alice.delta(alice.connect("alice@localhost/phone"), "0");
        assertThat(conversations(query)).hasSize(1);
        return conversation(query, 0);
    }

    // ---- invitation
    // --------------------------------------------------------------------------------------------------

    @Test
    void vector9_26InvitationOfAMemberIsTheGroupsConversation() {
        alice.at(10);
        invites("bob@groups.localhost");

        Element row = only();

        assertThat(row.attr("jid")).isEqualTo("tea@groups.localhost");
        assertThat(row.attr("type")).isEqualTo(GROUPS);
        assertThat(state(row, "unread").attr("count")).isEqualTo("0");
        assertThat(state(row, "last-message").toString()).contains("Come in");
        assertThat(metadata(row, GROUPS).toString()).contains("<privacy>incognito</privacy>");
    }

    @Test
    void vector9_26InvitationOfTheGroupItself() {
        alice.at(10);
        invites(TEA);

        Element row = only();

        assertThat(row.attr("type")).isEqualTo(GROUPS);
        assertThat(row.attr("stamp")).isEqualTo(alice.stamp(10));
        assertThat(state(row, "unread").attr("count")).isEqualTo("0");
        assertThat(state(row, "last-message").toString()).contains("Come in");
    }

    @Test
    void vector9_26DeclineTakesInvitationAndConversationAway() {
        invites("bob@groups.localhost");
        TestClient web = alice.device("web");

        web.sends("<iq type='set' id='d' to='tea@groups.localhost'><decline xmlns='" + GROUPS + "#invite'/></iq>");

        web.receives("<message type='headline'><retract-message xmlns='" + NOTIFY + "'/></message>");
        Element push =
                web.receives("<iq type='set'><query xmlns='" + SYNC + "'><conversation jid='tea@groups.localhost' "
                        + "type='" + GROUPS + "' status='deleted'/></query></iq>");
        assertThat(push.toString()).doesNotContain("<metadata");
        assertThat(names(alice.delta(alice.connect("alice@localhost/phone"), "0")))
                .isEmpty();
        web.ignores();
        web.sends("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>");
        assertThat(web.next().attr("type")).isEqualTo("result");
    }

    @Test
    void vector9_26WhoAcceptsSeesTheGroupsMessages() {
        invites("bob@groups.localhost");
        TestClient web = alice.device("web");
        web.sends("<presence type='subscribe' to='tea@groups.localhost'/>");
        says("bob", 20, "Milk?");

        Element row = only();

        assertThat(state(row, "last-message").toString()).contains("Milk?");
        assertThat(state(row, "unread").attr("count")).isEqualTo("1");
        assertThat(metadata(row, GROUPS).toString()).contains("incognito");
    }

    @Test
    void whoInvitesInTheNameOfAnAcquaintanceIsNotBelieved() {
        alice.at(10);
        sends("<message type='chat' to='alice@localhost'><body>I am a person</body></message>");

        invites("bob@groups.localhost");

        assertThat(only().attr("type")).isEqualTo("urn:xabber:chat");
    }

    @Test
    void groupThatAsksToBeSubscribedToIsAGroup() {
        alice.at(10);
        sends("<presence type='subscribe' to='alice@localhost'><x xmlns='" + GROUPS
                + "' parent='all@localhost'><privacy>public</privacy></x></presence>");

        Element row = only();

        assertThat(row.attr("type")).isEqualTo(GROUPS);
        assertThat(row.children().get(0).name().local()).isEqualTo("presence");
        assertThat(metadata(row, GROUPS).toString())
                .contains("<x xmlns='" + GROUPS + "' parent='all@localhost'><privacy>public</privacy></x>");

        alice.device("web").sends("<presence type='subscribed' to='tea@groups.localhost'/>");
        assertThat(only().children().get(0).name().local()).isEqualTo("metadata");
    }

    @Test
    void leavingIsATombstone() {
        says("bob", 10, "hello");
        TestClient web = alice.device("web");

        web.sends("<presence type='unsubscribe' to='tea@groups.localhost'/>");

        assertThat(names(alice.delta(web, "0"))).isEmpty();
        assertThat(alice.delta(web, alice.stamp(10)).toString()).contains("status='deleted'");
    }

    // ---- positions and cards
    // ----------------------------------------------------------------------------------------

    @Test
    void positionsInAGroupAreItsOwnIds() {
        says("bob", 10, "one");
        says("bob", 20, "two");
        TestClient web = alice.device("web");

        web.sends("<message type='chat' to='tea@groups.localhost'><displayed xmlns='urn:xmpp:chat-markers:0' id='x'>"
                + stanzaId(10) + "</displayed></message>");

        Element row = only();
        assertThat(state(row, "unread").attr("after")).isEqualTo("10");
        assertThat(state(row, "unread").attr("count")).isEqualTo("1");
    }

    @Test
    void echoTellsTheGroupsIdAndTheOwnCard() {
        says("bob", 10, "one");
        TestClient web = alice.device("web");
        alice.at(20);
        web.sends("<message type='chat' id='o1' to='tea@groups.localhost'><body>mine</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>");
        String echo = "<message type='headline' to='alice@localhost'><x xmlns='https://xabber.com/protocol/delivery'>"
                + "<message type='chat' xmlns='jabber:client'><body>mine</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>" + stanzaId(777) + x("me") + "</message></x></message>";
        sends(echo);

        Element row = only();
        assertThat(state(row, "unread").attr("after")).isEqualTo("777");
        assertThat(state(row, "delivered").attr("id")).isEqualTo("777");
        assertThat(metadata(row, GROUPS).toString()).contains("<user xmlns='" + GROUPS + "' id='me'>");
        assertThat(state(row, "last-message").toString()).contains("id='777' by='tea@groups.localhost'");

        sends(echo);
        sends(echo.replace("by='tea@groups.localhost'", "by='bob@localhost'"));
        sends(echo.replace("<nickname>me", "<nickname>" + "x".repeat(5_000)));
        assertThat(metadata(only(), GROUPS).toString()).contains("<nickname>me</nickname>");
    }

    @Test
    void whatTheGroupItselfSaysIsNotUnread() {
        says("bob", 10, "one");
        alice.at(20);
        sends("<message type='chat' to='alice@localhost'><body>carol came in</body>" + stanzaId(20) + "<x xmlns='"
                + GROUPS + "#system-message'/></message>");

        Element row = only();

        assertThat(state(row, "unread").attr("count")).isEqualTo("1");
        assertThat(state(row, "last-message").toString()).contains("carol came in");
    }

    @Test
    void channelIsAConversationOfItsOwnKind() {
        alice.at(10);
        sends("<message type='chat' to='alice@localhost'><body>news</body>" + stanzaId(10)
                + "<x xmlns='https://xabber.com/protocol/channels'/></message>");

        Element row = only();

        assertThat(row.attr("type")).isEqualTo("https://xabber.com/protocol/channels");
        assertThat(metadata(row, "https://xabber.com/protocol/channels").children())
                .isEmpty();
    }

    // ---- what the group changes
    // -------------------------------------------------------------------------------------

    @Test
    void retractionOfTheGroupIsOneHere() {
        says("bob", 10, "one");
        says("bob", 20, "two");
        TestClient web = alice.device("web");

        event("retract-message", "id='20'", "", 5);

        web.receives("<message type='headline' from='tea@groups.localhost'/>");
        Element push = web.receives("<iq type='set'/>");
        assertThat(push.toString()).contains("<retract version='5'/>").doesNotContain("two");
        web.receivesNothing();
        Element row = only();
        assertThat(state(row, "unread").attr("count")).isEqualTo("1");
        assertThat(state(row, "last-message").toString()).contains("one");

        event("retract-message", "id='10'", "", 5);
        assertThat(state(only(), "last-message").toString()).contains("one");
    }

    @Test
    void editOfTheGroupIsOneHere() {
        says("bob", 10, "one");

        event("replace", "id='10'", "<message xmlns='jabber:client'><body>another</body></message>", 6);
        event("replace", "id='11'", "<message xmlns='jabber:client'><body>unknown</body></message>", 7);

        Element row = only();
        assertThat(state(row, "last-message").toString()).contains("another").contains("id='10'");
        assertThat(metadata(row, "https://xabber.com/protocol/rewrite").toString())
                .contains("version='7'");
    }

    @Test
    void memberWhoIsThrownOutTakesHisMessagesAlong() {
        says("bob", 10, "one");
        says("carol", 20, "two");
        says("bob", 30, "three");

        event("retract-user", "id='bob'", "", 9);

        Element row = only();
        assertThat(state(row, "unread").attr("count")).isEqualTo("1");
        assertThat(state(row, "last-message").toString()).contains("two");

        event("retract-all", "", "", 10);
        assertThat(state(only(), "last-message")).isNull();
    }

    @Test
    void memberWhoSaidMuchTakesAllOfItAlong() {
        alice.device("web");
        says("bob", 1, "the first of all");
        says("carol", 2, "stays");
        for (int second = 3; second < 1_100; second++) {
            says(second % 2 == 0 ? "bob" : "dan", second, "much");
        }

        event("retract-user", "id='bob'", "", 9);
        alice.server.after(Duration.ofSeconds(1));

        assertThat(state(only(), "unread").attr("count")).isEqualTo("550");
        event("retract-user", "id='dan'", "", 10);
        alice.server.after(Duration.ofSeconds(1));
        assertThat(state(only(), "unread").attr("count")).isEqualTo("1");
        assertThat(state(only(), "last-message").toString()).contains("stays");
    }

    @Test
    void nobodyElseChangesWhatAGroupSent() {
        says("bob", 10, "one");

        sends(
                "bob@groups.localhost",
                "<message type='headline' to='alice@localhost'><retract-message xmlns='" + NOTIFY + "' type='" + GROUPS
                        + "' conversation='tea@groups.localhost' version='5' id='10'/></message>");

        assertThat(state(only(), "last-message").toString()).contains("one");
    }

    // ---- mentions
    // ---------------------------------------------------------------------------------------------------

    @Test
    void firstUnreadMentionIsNamedUntilItIsRead() {
        says("bob", 10, "one");
        says("bob", 20, "alice", "<reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:alice@localhost'/>");
        says("bob", 30, "alice again", "<mention xmlns='urn:xmpp:mentions:0' jid='alice@localhost'/>");

        assertThat(state(only(), "unread-mention").attr("id")).isEqualTo("20");

        TestClient web = alice.device("web");
        web.sends("<message type='chat' to='tea@groups.localhost'><displayed xmlns='urn:xmpp:chat-markers:0' id='x'>"
                + stanzaId(20) + "</displayed></message>");
        assertThat(state(only(), "unread-mention").attr("id")).isEqualTo("30");

        event("retract-message", "id='30'", "", 5);
        assertThat(state(only(), "unread-mention")).isNull();
    }

    @Test
    void ownCardIsMentionedByItsId() {
        echoTellsTheGroupsIdAndTheOwnCard();
        says(
                "bob",
                30,
                "you",
                "<reference xmlns='https://xabber.com/protocol/references' type='decoration'>"
                        + "<mention xmlns='https://xabber.com/protocol/markup'>xmpp:tea@groups.localhost?id=me</mention></reference>");

        assertThat(state(only(), "unread-mention").attr("id")).isEqualTo("30");
    }

    @Test
    void whatIsNoMentionOfTheAccountIsNone() {
        StringBuilder everybody = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            everybody.append("<mention xmlns='urn:xmpp:mentions:0' jid='alice@localhost'/>");
        }
        for (String more : new String[] {
            "<reference xmlns='urn:xmpp:reference:0' type='data' uri='xmpp:alice@localhost'/>",
            "<reference xmlns='urn:xmpp:reference:0' type='mention' uri='https://localhost'/>",
            "<reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:%zz@@'/>",
            "<reference xmlns='urn:xmpp:reference:0' type='mention'/>",
            "<mention xmlns='urn:xmpp:mentions:0' jid='alice@localhost'><noping/></mention>",
            "<mention xmlns='urn:xmpp:mentions:0' jid='bob@localhost'/>",
            everybody.toString()
        }) {
            alice.writes("bob", 10, more);
        }

        assertThat(state(only(), "unread-mention")).isNull();
    }

    @Test
    void editMayMentionAndCeaseToMention() {
        alice.writes("bob", 10);
        alice.writes("bob", 20);
        TestClient bob = alice.connect("bob");
        String correction = "<message type='chat' id='e' to='alice@localhost'><body>now</body>"
                + "<replace xmlns='urn:xmpp:message-correct:0' id='m-20'/>";

        bob.sends(correction + "<mention xmlns='urn:xmpp:mentions:0' uri='xmpp:alice@localhost'/></message>");
        assertThat(state(only(), "unread-mention").attr("id")).isEqualTo(alice.stamp(20));

        bob.sends(correction + "</message>");
        assertThat(state(only(), "unread-mention")).isNull();
    }

    @Test
    void ownMessageReadsMentions() {
        alice.writes("bob", 10, "<mention xmlns='urn:xmpp:mentions:0' jid='alice@localhost'/>");
        assertThat(state(only(), "unread-mention").attr("id")).isEqualTo(alice.stamp(10));

        alice.at(20);
        alice.device("web").sends("<message type='chat' to='bob@localhost'><body>yes</body></message>");

        assertThat(state(only(), "unread-mention")).isNull();
    }
}
