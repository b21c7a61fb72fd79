// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import static im.dunlin.sync.rewrite.RewriteFixture.ALICE;
import static im.dunlin.sync.rewrite.RewriteFixture.CAROL;
import static im.dunlin.sync.rewrite.RewriteFixture.NOTIFY;
import static im.dunlin.sync.rewrite.RewriteFixture.REWRITE;
import static im.dunlin.sync.rewrite.RewriteFixture.id;
import static im.dunlin.sync.rewrite.RewriteFixture.replace;
import static im.dunlin.sync.rewrite.RewriteFixture.retract;
import static im.dunlin.sync.rewrite.RewriteFixture.retractAll;
import static im.dunlin.sync.rewrite.RewriteFixture.version;
import static im.dunlin.sync.rewrite.RewriteFixture.xabber;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.sync.synchronization.SynchronizationModule;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Both protocols together: a device that was there, and one that comes back. */
class RewriteAndSynchronizationTest {
    private static final String SYNC = "https://xabber.com/protocol/synchronization";

    private final TestServer server = TestServer.with(modules());
    private final TestClient web = xabber(server, "alice@localhost/web");
    private final TestClient carol = xabber(server, "carol@localhost/phone");

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = RewriteFixture.modules();
        modules.put("synchronization", SynchronizationModule::new);
        return modules;
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void says(TestClient from, String to, String id) {
        RewriteFixture.says(server, from, to, id, "<body>" + id + "</body>");
        web.ignores();
        carol.ignores();
    }

    private String stamp(TestClient client) {
        client.ignores();
        client.sends("<iq type='get' id='s'><query xmlns='" + SYNC + "'/></iq>");
        return client.next().firstChild().attr("stamp");
    }

    private static String conversation(String jid, String version, String state) {
        return "<conversation jid='" + jid + "' type='urn:xabber:chat' status='active'><metadata node='" + REWRITE
                + "'><retract version='" + version + "'/></metadata><metadata node='" + SYNC + "'>" + state
                + "</metadata></conversation>";
    }

    /** Vector 9.10, the device that comes back. */
    @Test
    void eventComesBeforeThePushAndTheDeltaHasTheVersion() {
        says(web, "carol@localhost", "m1");
        says(web, "carol@localhost", "m2");
        String known = stamp(web);
        String before = version(web);
        web.ignores();

        web.sends(replace(id(server, ALICE, "m1"), "new text"));

        String version = web.receives("<message type='headline'><replace xmlns='" + NOTIFY + "'/></message>")
                .firstChild()
                .attr("version");
        web.receives("<iq type='result' id='r'/>");
        web.receives("<iq type='set' from='alice@localhost'><query xmlns='" + SYNC + "' stamp='" + version + "'>"
                + conversation("carol@localhost", version, "<unread count='0'/>") + "</query></iq>");
        carol.receives("<message type='headline'><replace xmlns='" + NOTIFY + "'/></message>");
        carol.receives("<iq type='set' from='carol@localhost'/>");

        TestClient phone = server.connect("alice@localhost/phone");
        phone.sends("<iq type='get' id='s'><query xmlns='" + SYNC + "' stamp='" + known + "'/></iq>");
        phone.receives("<iq type='result' id='s'><query xmlns='" + SYNC + "' stamp='" + version + "'>"
                + conversation(
                        "carol@localhost",
                        version,
                        "<last-message><message xmlns='jabber:client' id='m2'><body>m2</body></message></last-message>")
                + "</query></iq>");
        phone.sends("<iq type='get' id='q'><query xmlns='" + REWRITE + "' version='" + before + "'/></iq>");
        phone.receives("<message to='alice@localhost/phone'><replace xmlns='" + NOTIFY + "' version='" + version
                + "'/><delay xmlns='urn:xmpp:delay'/></message>");
        phone.receives("<iq type='result'><query xmlns='" + REWRITE + "' version='" + version + "'/></iq>");
    }

    /** Vector 9.12, the delta. */
    @Test
    void lastMessageThatThePeerRetractsMakesWayForTheOneBefore() {
        says(carol, "alice@localhost", "c1");
        says(carol, "alice@localhost", "c2");
        String known = stamp(web);

        carol.sends(retract(id(server, CAROL, "c2"), true));

        TestClient phone = server.connect("alice@localhost/phone");
        phone.sends("<iq type='get' id='s'><query xmlns='" + SYNC + "' stamp='" + known + "'/></iq>");
        assertThat(phone.next().toString())
                .contains("<unread count='1'")
                .contains("<body>c1</body>")
                .doesNotContain("c2")
                .contains(" stamp='" + known + "' ");
    }

    @Test
    void retractedConversationIsPushedWithoutMessages() {
        says(carol, "alice@localhost", "c1");

        web.sends(retractAll(CAROL, "urn:xabber:chat"));

        web.receives("<message type='headline'><retract-all xmlns='" + NOTIFY + "'/></message>");
        web.receives("<iq type='result' id='r'/>");
        String push = web.receives("<iq type='set'><query xmlns='" + SYNC + "'/></iq>")
                .toString();
        assertThat(push).contains("<unread count='0'").doesNotContain("last-message");
        web.receivesNothing();
    }

    /** Vector 9.28, the push. */
    @Test
    void correctionByAStandardClientIsPushedToo() {
        TestClient old = RewriteFixture.online(server, "carol@localhost/old");
        says(old, "alice@localhost", "s1");

        RewriteFixture.says(
                server,
                old,
                "alice@localhost",
                "s2",
                "<body>better</body><replace xmlns='urn:xmpp:message-correct:0' id='s1'/>");

        web.receives("<message type='headline'><replace xmlns='" + NOTIFY + "'/></message>");
        assertThat(web.receives("<iq type='set'><query xmlns='" + SYNC + "'/></iq>")
                        .toString())
                .contains("<body>better</body>")
                .contains("id='s1'")
                .contains("<unread count='1'");
        web.receivesNothing();
    }
}
