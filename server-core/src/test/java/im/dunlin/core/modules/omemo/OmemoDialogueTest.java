// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.omemo;

import static im.dunlin.core.modules.pubsub.PepFixture.available;
import static im.dunlin.core.modules.pubsub.PepFixture.options;
import static im.dunlin.core.modules.pubsub.PepFixture.published;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.pubsub.PepFixture;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What two clients of people who may not know each other do before they can write in secret. */
class OmemoDialogueTest {
    private static final String DEVICES = "urn:xmpp:omemo:2:devices";
    private static final String BUNDLES = "urn:xmpp:omemo:2:bundles";
    private static final String OLD_DEVICES = "eu.siacs.conversations.axolotl.devicelist";
    private static final String OLD_BUNDLE = "eu.siacs.conversations.axolotl.bundles:31415";

    private final TestServer server = TestServer.with(modules());
    private final TestClient juliet = server.connect("juliet@localhost/balcony");
    private final TestClient romeo = server.connect("romeo@localhost/orchard");

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = PepFixture.modules();
        modules.put("omemo", OmemoModule::new);
        return modules;
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String devices(String... ids) {
        StringBuilder list = new StringBuilder("<item id='current'><devices xmlns='urn:xmpp:omemo:2'>");
        for (String id : ids) {
            list.append("<device id='").append(id).append("'/>");
        }
        return list.append("</devices></item>").toString();
    }

    private static String bundle(String device) {
        return "<item id='" + device + "'><bundle xmlns='urn:xmpp:omemo:2'><spk id='0'>cGs=</spk></bundle></item>";
    }

    private static void asks(TestClient client, String items) {
        client.sends("<iq type='get' id='o' to='juliet@localhost'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                + items + "</pubsub></iq>");
    }

    private static String answer(String items) {
        return "<iq type='result' id='o'><pubsub xmlns='http://jabber.org/protocol/pubsub'>" + items + "</pubsub></iq>";
    }

    /** XEP-0384 §5.3: devices by publish-options, a bundle for each device, read by somebody without a subscription. */
    @Test
    void strangerFindsDevicesAndBundles() {
        published(juliet, DEVICES, devices("31415"), options("access_model", "open"));
        published(juliet, BUNDLES, bundle("31415"), options("max_items", "max", "access_model", "open"));
        published(juliet, DEVICES, devices("31415", "27182"), options("access_model", "open"));
        published(juliet, BUNDLES, bundle("27182"), options("max_items", "max", "access_model", "open"));

        asks(romeo, "<items node='" + DEVICES + "'/>");
        romeo.receives(answer("<items node='" + DEVICES + "'>" + devices("31415", "27182") + "</items>"));
        asks(romeo, "<items node='" + BUNDLES + "'><item id='31415'/></items>");
        romeo.receives(answer("<items node='" + BUNDLES + "'>" + bundle("31415") + "</items>"));
    }

    /** Clients of the first generation say nothing about access, and count on its being open. */
    @Test
    void firstGenerationWorksWithoutOptions() {
        published(
                juliet,
                OLD_DEVICES,
                "<item><list xmlns='eu.siacs.conversations.axolotl'><device id='31415'/></list></item>",
                "");
        published(juliet, OLD_BUNDLE, "<item><bundle xmlns='eu.siacs.conversations.axolotl'/></item>", "");

        asks(romeo, "<items node='" + OLD_DEVICES + "'/>");
        romeo.receives(
                answer(
                        "<items><item><list xmlns='eu.siacs.conversations.axolotl'><device id='31415'/></list></item></items>"));
        asks(romeo, "<items node='" + OLD_BUNDLE + "'/>");
        romeo.receives(answer("<items><item><bundle xmlns='eu.siacs.conversations.axolotl'/></item></items>"));
    }

    /** §5.3.2: contacts and the account's own devices hear of a new device at once. */
    @Test
    void newDeviceIsTold() {
        ImModules.befriend(romeo, juliet);
        TestClient phone = server.connect("juliet@localhost/phone");
        available(romeo, DEVICES);
        available(phone, DEVICES);
        romeo.ignores();
        phone.ignores();

        published(juliet, DEVICES, devices("31415"), options("access_model", "open"));

        String event = "<message type='headline' from='juliet@localhost'>"
                + "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='" + DEVICES + "'>"
                + devices("31415") + "</items></event></message>";
        romeo.receives(event);
        phone.receives(event);
    }
}
