// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.avatar.AvatarModule;
import im.dunlin.core.modules.bookmarks.BookmarksModule;
import im.dunlin.core.modules.displayed.DisplayedModule;
import im.dunlin.core.modules.omemo.OmemoModule;
import im.dunlin.core.modules.privatexml.PrivateXmlModule;
import im.dunlin.core.modules.vcard.VcardModule;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.Seed;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whatever is asked for, by whom and of whom: there is one answer, and it is no error of the server's. */
class PubSubRequestsProperties {
    private static final List<String> NODES = List.of(
            "urn:tune",
            "a",
            "",
            "urn:xmpp:avatar:metadata",
            "urn:xmpp:avatar:data",
            "urn:xmpp:bookmarks:1",
            "urn:xmpp:mds:displayed:0",
            "eu.siacs.conversations.axolotl.bundles:1",
            ":",
            "storage:bookmarks");
    private static final List<String> IDS = List.of("1", "2", "current", "", "coven@rooms.localhost");
    private static final List<String> JIDS = List.of(
            "juliet@localhost", "romeo@localhost", "romeo@localhost/orchard", "localhost", "@", "x@elsewhere.example");
    private static final List<String> ACTIONS = List.of(
            "publish",
            "items",
            "retract",
            "subscribe",
            "unsubscribe",
            "create",
            "configure",
            "delete",
            "purge",
            "affiliations",
            "subscriptions",
            "default",
            "options",
            "publish-options",
            "nonsense");
    private static final List<String> PAYLOADS = List.of(
            "<tune xmlns='urn:tune'/>",
            "<metadata xmlns='urn:xmpp:avatar:metadata'><info id='1' bytes='2' type='image/png'/></metadata>",
            "<data xmlns='urn:xmpp:avatar:data'>aGk=</data>",
            "<data xmlns='urn:xmpp:avatar:data'>!</data>",
            "<conference xmlns='urn:xmpp:bookmarks:1' autojoin='1'><nick>x</nick></conference>",
            "<displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' id='1' by='x'/></displayed>",
            "");
    private static final List<String> VALUES =
            List.of("open", "presence", "roster", "authorize", "whitelist", "max", "1", "0", "true", "never", "", "x");

    private final long seed = Seed.next();
    private final Random random = new Random(seed);

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = PepFixture.modules();
        modules.put(PubSubModule.KEY, PubSubModule::new);
        modules.put("vcard", VcardModule::new);
        modules.put("private-xml", PrivateXmlModule::new);
        modules.put("avatar", AvatarModule::new);
        modules.put("bookmarks", BookmarksModule::new);
        modules.put("displayed", DisplayedModule::new);
        modules.put("omemo", OmemoModule::new);
        return modules;
    }

    @Test
    void everyRequestHasOneAnswerThatIsNoFault() {
        try (TestServer server = TestServer.with(modules())) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            TestClient romeo = server.connect("romeo@localhost/orchard");
            TestClient tybalt = server.connect("tybalt@localhost/street");
            ImModules.befriend(romeo, juliet);
            PepFixture.available(romeo, "urn:tune", "urn:xmpp:avatar:metadata");
            PepFixture.available(juliet, "urn:xmpp:bookmarks:1");
            List<TestClient> all = List.of(juliet, romeo, tybalt);
            for (int i = 0; i < 4_000; i++) {
                TestClient asker = all.get(random.nextInt(3));
                all.forEach(TestClient::ignores);
                server.time().advance(Duration.ofSeconds(1));
                String request = request();

                asker.sends(request);

                String what = "seed " + seed + ", step " + i + ": " + asker.jid() + ' ' + request;
                int answers = 0;
                while (asker.waiting() > 0) {
                    Element next = asker.next();
                    if (next.name().local().equals("iq") && "f".equals(next.attr("id"))) {
                        answers++;
                        assertThat(next.toString()).as(what).doesNotContain("internal-server-error");
                    }
                }
                assertThat(answers).as(what).isEqualTo(1);
            }
        }
    }

    private String request() {
        String to = any(List.of("", "to='juliet@localhost'", "to='pubsub.localhost'", "to='romeo@localhost'"));
        String type = any(List.of("get", "set", "set"));
        String content = switch (random.nextInt(12)) {
            case 0 -> "<query xmlns='" + any(List.of(Ns.DISCO_INFO, Ns.DISCO_ITEMS)) + "'" + node() + "/>";
            case 1 ->
                "<vCard xmlns='vcard-temp'>" + any(List.of("", "<PHOTO><BINVAL>aGk=</BINVAL></PHOTO>")) + "</vCard>";
            case 2 ->
                "<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'><conference jid='" + any(JIDS)
                        + "'/></storage></query>";
            default ->
                "<pubsub xmlns='" + any(List.of(Ns.PUBSUB, Ns.PUBSUB, Ns.PUBSUB_OWNER)) + "'>" + action()
                        + (random.nextInt(3) == 0 ? action() : "") + "</pubsub>";
        };
        return "<iq type='" + type + "' id='f' " + to + ">" + content + "</iq>";
    }

    private String action() {
        StringBuilder action = new StringBuilder();
        String name = any(ACTIONS);
        action.append('<').append(name).append(random.nextInt(8) == 0 ? "" : node());
        if (random.nextBoolean()) {
            action.append(" jid='").append(any(JIDS)).append('\'');
        }
        if (random.nextInt(6) == 0) {
            action.append(" max_items='")
                    .append(any(VALUES))
                    .append("' notify='")
                    .append(any(VALUES))
                    .append('\'');
        }
        action.append('>');
        for (int i = random.nextInt(3); i > 0; i--) {
            action.append(
                    switch (random.nextInt(6)) {
                        case 0 ->
                            "<affiliation jid='" + any(JIDS) + "' affiliation='"
                                    + any(List.of("owner", "member", "publisher", "outcast", "none", "x")) + "'/>";
                        case 1 ->
                            "<subscription jid='" + any(JIDS) + "' subscription='"
                                    + any(List.of("subscribed", "none", "pending", "x")) + "'/>";
                        case 2 -> form();
                        default -> "<item id='" + any(IDS) + "'>" + any(PAYLOADS) + "</item>";
                    });
        }
        return action.append("</").append(name).append('>').toString();
    }

    private String form() {
        String type = any(List.of(NodeConfig.CONFIG_FORM, NodeConfig.CONFIG_FORM, NodeConfig.OPTIONS_FORM, "x"));
        NodeField field = NodeField.values()[random.nextInt(NodeField.values().length)];
        return "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>" + type + "</value></field>"
                + "<field var='" + field.var() + "'><value>" + any(VALUES) + "</value></field></x>";
    }

    private String node() {
        return " node='" + any(NODES) + "'";
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
