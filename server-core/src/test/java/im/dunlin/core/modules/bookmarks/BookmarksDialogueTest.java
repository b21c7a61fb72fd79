// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.bookmarks;

import static im.dunlin.core.modules.pubsub.PepFixture.available;
import static im.dunlin.core.modules.pubsub.PepFixture.options;
import static im.dunlin.core.modules.pubsub.PepFixture.published;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.privatexml.PrivateXmlModule;
import im.dunlin.core.modules.pubsub.PepFixture;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BookmarksDialogueTest {
    private static final String NODE = "urn:xmpp:bookmarks:1";

    private final TestServer server = TestServer.with(modules());
    private final TestClient modern = server.connect("juliet@localhost/modern");
    private final TestClient old = server.connect("juliet@localhost/old");

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = PepFixture.modules();
        modules.put("private-xml", PrivateXmlModule::new);
        modules.put("bookmarks", BookmarksModule::new);
        return modules;
    }

    BookmarksDialogueTest() {
        available(modern, NODE);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String conference(String room, String attributes, String content) {
        return "<item id='" + room + "'><conference xmlns='" + NODE + "' " + attributes + ">" + content
                + "</conference></item>";
    }

    private void bookmarks(String room, String attributes, String content) {
        published(
                modern,
                NODE,
                conference(room, attributes, content),
                options(
                        "persist_items",
                        "true",
                        "max_items",
                        "max",
                        "send_last_published_item",
                        "never",
                        "access_model",
                        "whitelist"));
        modern.ignores();
    }

    private Element list() {
        old.sends(
                "<iq type='get' id='p'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query></iq>");
        return Objects.requireNonNull(Objects.requireNonNull(
                        old.receives("<iq type='result' id='p'/>").firstChild())
                .firstChild());
    }

    private void sets(String content) {
        old.sends("<iq type='set' id='q'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'>" + content
                + "</storage></query></iq>");
    }

    private Element items() {
        modern.sends("<iq type='get' id='g'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='" + NODE
                + "'/></pubsub></iq>");
        return modern.receives("<iq type='result' id='g'/>");
    }

    @Test
    void oldClientSeesWhatAModernOneBookmarked() {
        bookmarks("coven@rooms.localhost", "name='The Coven' autojoin='1'", "<nick>JC</nick>");

        assertThat(list().toString())
                .contains("<conference jid='coven@rooms.localhost' name='The Coven' autojoin='true'><nick>JC</nick>");
    }

    @Test
    void modernClientHearsWhatAnOldOneBookmarked() {
        list();

        sets("<conference jid='coven@rooms.localhost' name='The Coven' autojoin='true'><nick>JC</nick></conference>");

        old.receives("<iq type='result' id='q'/>");
        modern.receives("<message type='headline' from='juliet@localhost'>"
                + "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='" + NODE + "'>"
                + conference("coven@rooms.localhost", "name='The Coven' autojoin='true'", "<nick>JC</nick>")
                + "</items></event></message>");
    }

    /** XEP-0402 §4.3: "SHOULD NOT send notifications for unchanged items". */
    @Test
    void unchangedRoomIsNoNews() {
        bookmarks("coven@rooms.localhost", "name='The Coven' autojoin='1'", "<nick>JC</nick>");
        list();

        sets("<conference jid='coven@rooms.localhost' name='The Coven' autojoin='1'><nick>JC</nick></conference>");

        modern.receivesNothing();
    }

    @Test
    void oldClientKeepsWhatItDoesNotKnow() {
        bookmarks(
                "coven@rooms.localhost",
                "autojoin='true'",
                "<extensions><state xmlns='urn:state' low='1'/></extensions>");
        list();

        sets("<conference jid='coven@rooms.localhost' autojoin='false'/>");

        assertThat(modern.next().toString())
                .contains("autojoin='false'")
                .contains("<state xmlns='urn:state' low='1'/>");
    }

    @Test
    void roomThatAnOldClientLeftOutIsRetracted() {
        bookmarks("coven@rooms.localhost", "", "");
        bookmarks("heath@rooms.localhost", "", "");
        list();

        sets("<conference jid='heath@rooms.localhost'/>");

        assertThat(modern.next().toString()).contains("<retract id='coven@rooms.localhost'/>");
        assertThat(items().toString()).contains("heath@").doesNotContain("coven@");
    }

    /** An old client that rewrites the list must not remove rooms that it was never shown. */
    @Test
    void roomThatAnOldClientWasNotShownStays() {
        bookmarks("heath@rooms.localhost", "", "");
        list();
        bookmarks("coven@rooms.localhost", "", "");

        sets("<conference jid='heath@rooms.localhost'/>");

        assertThat(items().toString()).contains("heath@").contains("coven@");
    }

    @Test
    void whatIsNoRoomStaysInPrivateStorage() {
        sets("<url name='Works' url='https://localhost/'/><conference jid='@@' name='broken'/>"
                + "<conference jid='coven@rooms.localhost'/>");
        old.ignores();

        assertThat(list().toString())
                .contains("<url name='Works'")
                .contains("jid='@@'")
                .contains("jid='coven@rooms.localhost'");
        modern.ignores();
        assertThat(items().toString()).contains("coven@").doesNotContain("@@");
    }

    // ---- the node of old clients (XEP-0411)
    // --------------------------------------------------------------------------

    private static final String OLD_OPTIONS = options("persist_items", "true", "access_model", "whitelist");

    private static String oldItem(String content) {
        return "<item id='current'><storage xmlns='storage:bookmarks'>" + content + "</storage></item>";
    }

    private static String oldEvent(String content) {
        return "<message type='headline' from='juliet@localhost'>"
                + "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='storage:bookmarks'>"
                + oldItem(content) + "</items></event></message>";
    }

    private void listens() {
        available(old, "storage:bookmarks");
        old.ignores();
        modern.ignores();
    }

    private void lists(String content) {
        PepFixture.publish(old, "storage:bookmarks", oldItem(content), OLD_OPTIONS);
    }

    @Test
    void accountSaysThatItConverts() {
        modern.sends("<iq type='get' id='d'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");

        modern.receives("<iq type='result' id='d'><query xmlns='http://jabber.org/protocol/disco#info'>"
                + "<feature var='urn:xmpp:bookmarks:1#compat'/><feature var='urn:xmpp:bookmarks:1#compat-pep'/>"
                + "<feature var='urn:xmpp:bookmarks-conversion:0'/></query></iq>");
    }

    @Test
    void clientOfTheOldNodeHearsWhatAModernOneBookmarked() {
        listens();

        bookmarks("coven@rooms.localhost", "name='The Coven' autojoin='1'", "<nick>JC</nick>");

        old.receives(
                oldEvent(
                        "<conference jid='coven@rooms.localhost' name='The Coven' autojoin='true'><nick>JC</nick></conference>"));
        old.receivesNothing();
    }

    @Test
    void modernClientHearsWhatIsListedInTheOldNode() {
        listens();

        lists("<conference jid='coven@rooms.localhost' autojoin='1'><nick>JC</nick></conference>");

        assertThat(modern.next().toString())
                .contains("<item id='coven@rooms.localhost'>")
                .contains("<nick>JC</nick>");
        old.receives("<iq type='result'/>");
        old.receives(oldEvent("<conference jid='coven@rooms.localhost' autojoin='1'><nick>JC</nick></conference>"));
        old.receivesNothing();
    }

    /** XEP-0411 §3: "MUST send out notification messages to all subscribers of the 'storage:bookmarks' node". */
    @Test
    void clientOfTheOldNodeHearsWhatIsSetInPrivateStorage() {
        listens();

        sets("<conference jid='coven@rooms.localhost'/><conference jid='heath@rooms.localhost'/>");

        old.receives("<iq type='result' id='q'/>");
        old.receives(oldEvent("<conference jid='coven@rooms.localhost' autojoin='false'/>"
                + "<conference jid='heath@rooms.localhost' autojoin='false'/>"));
        old.receivesNothing();
    }

    /** As it is with an account that has come from another server. */
    @Test
    void listThatIsNotThereIsMadeForWhoWantsIt() {
        bookmarks("coven@rooms.localhost", "", "");
        modern.sends("<iq type='set' id='d'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
                + "<delete node='storage:bookmarks'/></pubsub></iq>");
        modern.receives("<iq type='result' id='d'/>");

        TestClient late = server.connect("juliet@localhost/late");
        late.sends(PepFixture.presence("storage:bookmarks"));
        Element asked = late.next();
        while (!asked.name().local().equals("iq")) {
            asked = late.next();
        }
        late.sends("<iq type='result' id='" + asked.attr("id") + "' to='" + asked.attr("from") + "'>"
                + PepFixture.disco("storage:bookmarks") + "</iq>");

        late.receives(oldEvent("<conference jid='coven@rooms.localhost' autojoin='false'/>"));
    }

    @Test
    void roomThatIsListedNoMoreIsRetracted() {
        bookmarks("coven@rooms.localhost", "", "");
        bookmarks("heath@rooms.localhost", "", "");
        listens();

        lists("<conference jid='heath@rooms.localhost'/>");

        assertThat(modern.next().toString()).contains("<retract id='coven@rooms.localhost'/>");
        old.ignores();
        assertThat(list().toString()).contains("heath@").doesNotContain("coven@");
    }

    @Test
    void retractedRoomIsListedNoMore() {
        bookmarks("coven@rooms.localhost", "", "");
        listens();

        modern.sends("<iq type='set' id='r'><pubsub xmlns='http://jabber.org/protocol/pubsub'><retract node='" + NODE
                + "'><item id='coven@rooms.localhost'/></retract></pubsub></iq>");

        assertThat(old.next().toString()).doesNotContain("coven@");
    }

    @Test
    void whatIsNoRoomStaysInTheOldNode() {
        listens();
        lists("<url name='Works' url='https://localhost/'/><conference jid='@@'/>");
        old.ignores();

        bookmarks("coven@rooms.localhost", "", "");

        old.receives(oldEvent("<url name='Works' url='https://localhost/'/><conference jid='@@'/>"
                + "<conference jid='coven@rooms.localhost' autojoin='false'/>"));
        assertThat(items().toString()).doesNotContain("@@");
    }

    /** It would come back as something else each time that an old client saves its list. */
    @Test
    void itemThatIsNoRoomIsNotShownToOldClients() {
        listens();

        bookmarks("@@", "", "");
        bookmarks("Coven@rooms.localhost", "", "");

        old.receivesNothing();
        assertThat(list().children()).isEmpty();
    }

    @Test
    void listOfTheOldNodeIsBounded() {
        listens();
        StringBuilder many = new StringBuilder();
        for (int i = 0; i <= BookmarksModule.MAX_LISTED; i++) {
            many.append("<conference jid='room").append(i).append("@rooms.localhost'/>");
        }

        lists(many.toString());

        old.receivesError("resource-constraint");
        modern.receivesNothing();
    }

    @Test
    void oldNodeIsNeverOpened() {
        PepFixture.publish(old, "storage:bookmarks", oldItem(""), options("access_model", "open"));

        old.receivesError("not-acceptable");
    }

    @Test
    void listIsBounded() {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i <= BookmarksModule.MAX_LISTED; i++) {
            many.append("<conference jid='room").append(i).append("@rooms.localhost'/>");
        }

        sets(many.toString());

        old.receivesError("resource-constraint");
        modern.receivesNothing();
    }

    /** Threat S10: the node is private, whatever a client asks for. */
    @Test
    void nodeIsNeverOpened() {
        PepFixture.publish(modern, NODE, conference("a@rooms.localhost", "", ""), options("access_model", "open"));

        modern.receivesError("not-acceptable");
    }
}
