// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.profile;

import static im.dunlin.core.modules.pubsub.PepFixture.available;
import static im.dunlin.core.modules.pubsub.PepFixture.published;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.pubsub.PepFixture;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileDialogueTest {
    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = PepFixture.modules();
        modules.put("profile", ProfileModule::new);
        return modules;
    }

    /** The examples of XEP-0172, 0292, 0107, 0108 and 0118: published, and told to a contact now and at its next login. */
    @ParameterizedTest
    @CsvSource({
        "http://jabber.org/protocol/nick, <nick xmlns='http://jabber.org/protocol/nick'>Ishmael</nick>",
        "urn:xmpp:vcard4, <vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><fn><text>J</text></fn></vcard>",
        "http://jabber.org/protocol/mood, <mood xmlns='http://jabber.org/protocol/mood'><annoyed/></mood>",
        "http://jabber.org/protocol/activity, <activity xmlns='http://jabber.org/protocol/activity'><eating/></activity>",
        "http://jabber.org/protocol/tune, <tune xmlns='http://jabber.org/protocol/tune'><title>Roundabout</title></tune>"
    })
    void contactsLearnIt(String node, String payload) {
        try (TestServer server = TestServer.with(modules())) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            TestClient romeo = server.connect("romeo@localhost/orchard");
            ImModules.befriend(romeo, juliet);
            available(romeo, node);
            romeo.ignores();

            published(juliet, node, "<item id='current'>" + payload + "</item>", "");

            String event = "<message type='headline' from='juliet@localhost'>"
                    + "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='" + node + "'>"
                    + "<item id='current'>" + payload + "</item></items></event></message>";
            romeo.receives(event);
            TestClient later = server.connect("romeo@localhost/tavern");
            available(later, node, "urn:other");
            later.receives(event);
        }
    }
}
