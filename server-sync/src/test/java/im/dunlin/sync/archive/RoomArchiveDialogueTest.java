// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.disco.DiscoModule;
import im.dunlin.core.modules.muc.MucModule;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.memory.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** XEP-0313 in rooms: who reads what. */
class RoomArchiveDialogueTest {
    private static final String ROOM = "chat@rooms.localhost";
    private static final Name BODY = Name.of(Ns.CLIENT, "body");
    private static final Name RESULT = Name.of(Ns.MAM, "result");
    private static final Name FORWARDED = Name.of(Ns.FORWARD, "forwarded");
    private static final Name MESSAGE = Name.of(Ns.CLIENT, "message");
    private static final Name STANZA_ID = Name.of(Ns.STANZA_ID, "stanza-id");

    private final TestServer server = TestServer.with(new MemoryStore(), new TestServer.TestTime(), modules());
    private final TestClient crone = server.connect("crone@localhost/desktop");
    private final TestClient hag = server.connect("hag@localhost/pda");

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = ArchiveFixture.modules();
        modules.putIfAbsent("disco", DiscoModule::new);
        modules.put(MucModule.KEY, MucModule::new);
        modules.put(RoomArchiveModule.KEY, RoomArchiveModule::new);
        return modules;
    }

    @BeforeEach
    void makeRoom() {
        joins(crone, "firstwitch");
        configures("");
        joins(hag, "thirdwitch");
        crone.ignores();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static void joins(TestClient client, String nick) {
        client.sends("<presence to='" + ROOM + "/" + nick + "'><x xmlns='http://jabber.org/protocol/muc'>"
                + "<history maxstanzas='0'/></x></presence>");
        client.ignores();
    }

    private void configures(String field) {
        String form = field.isEmpty() ? "" : "<field var='muc#roomconfig_" + field + "'><value>1</value></field>";
        crone.sends("<iq type='set' id='c' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                + "<x xmlns='jabber:x:data' type='submit'>" + form + "</x></query></iq>");
    }

    /** @return their ids */
    private List<String> says(int messages) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            server.time().advance(Duration.ofSeconds(1));
            crone.sends("<message type='groupchat' to='" + ROOM + "'><body>m" + i + "</body></message>");
            ids.add(Objects.requireNonNull(crone.next().first(STANZA_ID)).requireAttr("id"));
        }
        hag.ignores();
        return ids;
    }

    private static void asks(TestClient client, String content) {
        client.sends("<iq type='set' id='q' to='" + ROOM + "'><query xmlns='urn:xmpp:mam:2' queryid='f'>" + content
                + "</query></iq>");
    }

    private static String form(String field, String value) {
        return "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>"
                + "<field var='" + field + "'><value>" + value + "</value></field></x>";
    }

    private static String set(String content) {
        return "<set xmlns='http://jabber.org/protocol/rsm'>" + content + "</set>";
    }

    /** What comes before the answer. */
    private static List<Element> results(TestClient client) {
        List<Element> results = new ArrayList<>();
        while (client.waiting() > 1) {
            Element result = Objects.requireNonNull(client.next().first(RESULT));
            assertThat(result.attr("queryid")).isEqualTo("f");
            results.add(Objects.requireNonNull(result.requireChild(FORWARDED).first(MESSAGE)));
        }
        return results;
    }

    private static List<String> bodies(TestClient client) {
        return results(client).stream().map(message -> message.text(BODY)).toList();
    }

    @Test
    void archiveHasWhatWasSaidUnderTheIdsThatItWasSaidWith() {
        List<String> ids = says(3);

        asks(hag, "");

        List<Element> results = results(hag);
        assertThat(results).extracting(message -> message.text(BODY)).containsExactly("m0", "m1", "m2");
        assertThat(results).extracting(message -> message.attr("from")).containsOnly(ROOM + "/firstwitch");
        assertThat(results)
                .extracting(message -> message.requireChild(STANZA_ID).attr("id"))
                .isEqualTo(ids);
        assertThat(results).allMatch(message -> message.has(Name.of("urn:xmpp:occupant-id:0", "occupant-id")));
        hag.receives("<iq type='result' id='q' from='" + ROOM + "'><fin xmlns='urn:xmpp:mam:2' complete='true'>"
                + set("<first>" + ids.get(0) + "</first><last>" + ids.get(2) + "</last>") + "</fin></iq>");
    }

    @Test
    void pagesGoOnFromWhereTheLastOneEnded() {
        List<String> ids = says(5);

        asks(hag, set("<max>2</max><after>" + ids.get(0) + "</after>"));
        assertThat(bodies(hag)).containsExactly("m1", "m2");
        assertThat(hag.next().toString()).doesNotContain("complete");
        asks(hag, set("<max>2</max><before/>"));
        assertThat(bodies(hag)).containsExactly("m3", "m4");
        hag.ignores();
        asks(hag, set("<max>2</max><before>" + ids.get(1) + "</before>"));
        assertThat(bodies(hag)).containsExactly("m0");
        hag.ignores();
        asks(hag, form("after-id", ids.get(3)));
        assertThat(bodies(hag)).containsExactly("m4");
        hag.ignores();
        asks(hag, form("start", "2026-01-01T00:00:04Z"));
        assertThat(bodies(hag)).containsExactly("m3", "m4");
        hag.ignores();
        asks(hag, form("end", "2026-01-01T00:00:02Z"));
        assertThat(bodies(hag)).containsExactly("m0", "m1");
        hag.ignores();
        asks(hag, form("ids", ids.get(2)));
        assertThat(bodies(hag)).containsExactly("m2");
        hag.ignores();
        asks(hag, form("after-id", "0000000000000001"));
        hag.receivesError("item-not-found");
    }

    @Test
    void outsiderReadsWhereItMightEnter() {
        says(1);
        TestClient outsider = server.connect("outsider@localhost/a");
        asks(outsider, "");
        assertThat(bodies(outsider)).containsExactly("m0");
        outsider.ignores();

        configures("membersonly");

        asks(outsider, "");
        outsider.receivesError("forbidden");
        outsider.sends("<iq type='get' id='q' to='" + ROOM + "'><metadata xmlns='urn:xmpp:mam:2'/></iq>");
        outsider.receivesError("forbidden");
    }

    @Test
    void outcastReadsNothing() {
        says(1);
        crone.sends("<iq type='set' id='a' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/muc#admin'>"
                + "<item jid='hag@localhost' affiliation='outcast'/></query></iq>");
        hag.ignores();

        asks(hag, "");

        hag.receivesError("forbidden");
    }

    /** Nor can it find out by asking for the messages of somebody. */
    @Test
    void addressesAreForThoseWhoMaySeeThemNow() {
        says(1);

        asks(hag, "");
        assertThat(results(hag).toString()).doesNotContain("crone@localhost");
        hag.ignores();
        asks(hag, form("with", "crone@localhost"));
        assertThat(bodies(hag)).isEmpty();
        hag.ignores();
        asks(hag, form("with", ROOM + "/firstwitch"));
        assertThat(bodies(hag)).containsExactly("m0");
        crone.ignores();
        asks(crone, "");
        assertThat(results(crone).toString()).contains("jid='crone@localhost'");
    }

    @Test
    void messageThatWasModeratedIsATombstone() {
        List<String> ids = says(1);
        String moderation = "<iq type='set' id='m' to='" + ROOM + "'><moderate xmlns='urn:xmpp:message-moderate:1' id='"
                + ids.get(0) + "'><retract xmlns='urn:xmpp:message-retract:1'/><reason>Foul</reason></moderate></iq>";
        hag.sends(moderation);
        hag.receivesError("forbidden");

        crone.sends(moderation);

        hag.receives("<message type='groupchat' from='" + ROOM + "'><retract xmlns='urn:xmpp:message-retract:1' id='"
                + ids.get(0) + "'><moderated xmlns='urn:xmpp:message-moderate:1' by='" + ROOM
                + "/firstwitch'/><reason>Foul</reason></retract></message>");
        asks(hag, "");
        String archive = results(hag).toString();
        assertThat(archive).contains("<retracted ").doesNotContain("<body>");
    }

    @Test
    void onlyItsAuthorRetractsAMessage() {
        List<String> ids = says(1);
        String retraction = "<message type='groupchat' to='" + ROOM
                + "'><retract xmlns='urn:xmpp:message-retract:1' id='" + ids.get(0) + "'/></message>";

        hag.sends(retraction);
        hag.receivesError("forbidden");
        crone.sends(retraction);

        hag.receives("<message from='" + ROOM + "/firstwitch'><retract xmlns='urn:xmpp:message-retract:1'/></message>");
        asks(hag, "");
        assertThat(results(hag).toString()).contains("<retracted ").doesNotContain("<body>");
    }

    /** XEP-0425 §5: only the room itself says so. */
    @Test
    void nobodyImitatesAModeration() {
        List<String> ids = says(1);

        hag.sends("<message type='groupchat' to='" + ROOM
                + "'><body>x</body><retract xmlns='urn:xmpp:message-retract:1' id='"
                + ids.get(0) + "'><moderated xmlns='urn:xmpp:message-moderate:1' by='" + ROOM
                + "/firstwitch'/></retract></message>");

        assertThat(crone.next().toString()).doesNotContain("retract");
    }

    @Test
    void archiveSaysWhatItHas() {
        List<String> ids = says(2);

        hag.sends("<iq type='get' id='m' to='" + ROOM + "'><metadata xmlns='urn:xmpp:mam:2'/></iq>");

        hag.receives("<iq type='result' id='m'><metadata xmlns='urn:xmpp:mam:2'><start id='" + ids.get(0)
                + "' timestamp='2026-01-01T00:00:01.000Z'/><end id='" + ids.get(1) + "'/></metadata></iq>");
        hag.sends(
                "<iq type='get' id='d' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        assertThat(hag.next().toString()).contains("<feature var='urn:xmpp:mam:2'/>", "urn:xmpp:message-moderate:1");
    }

    /** Whoever would be asked for the password to come in is asked for it by the archive, which takes none. */
    @Test
    void memberWithoutThePasswordDoesNotRead() {
        says(1);
        crone.sends("<iq type='set' id='m' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/muc#admin'>"
                + "<item jid='hag@localhost' affiliation='member'/></query></iq>");
        crone.sends("<iq type='set' id='c' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                + "<x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_passwordprotectedroom'><value>1</value></field>"
                + "<field var='muc#roomconfig_roomsecret'><value>cauldronburn</value></field></x></query></iq>");
        hag.sends("<presence type='unavailable' to='" + ROOM + "/thirdwitch'/>");
        hag.ignores();

        asks(hag, "");

        hag.receivesError("forbidden");
    }
}
