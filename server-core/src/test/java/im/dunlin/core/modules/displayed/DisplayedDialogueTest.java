// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.displayed;

import static im.dunlin.core.modules.pubsub.PepFixture.available;
import static im.dunlin.core.modules.pubsub.PepFixture.options;
import static im.dunlin.core.modules.pubsub.PepFixture.publish;
import static im.dunlin.core.modules.pubsub.PepFixture.published;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.pubsub.Item;
import im.dunlin.core.modules.pubsub.NodeObserver;
import im.dunlin.core.modules.pubsub.PepFixture;
import im.dunlin.core.modules.pubsub.PubSub;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DisplayedDialogueTest {
    private static final String NODE = DisplayedModule.NODE;

    private final List<String> observed = new ArrayList<>();
    private final TestServer server = TestServer.with(modules());
    private final TestClient juliet = server.connect("juliet@localhost/balcony");
    private final TestClient phone = server.connect("juliet@localhost/phone");
    private final TestClient romeo = server.connect("romeo@localhost/orchard");

    private Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = PepFixture.modules();
        modules.put("displayed", DisplayedModule::new);
        modules.put(
                "observer",
                setup -> setup.require(PubSub.class).observe(NODE, new NodeObserver() {
                    @Override
                    public void published(Item item, @Nullable Item before, Turn turn) {
                        observed.add(item.id());
                    }
                }));
        return modules;
    }

    DisplayedDialogueTest() {
        ImModules.befriend(romeo, juliet);
        phone.ignores();
        available(phone, NODE);
        romeo.sends("<presence/>");
        romeo.ignores();
        juliet.ignores();
        phone.ignores();
        server.time().advance(Duration.ofSeconds(1));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String displayed(String id) {
        return "<displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='"
                + id + "'/></displayed>";
    }

    private static String event(String id) {
        return "<message type='headline' from='juliet@localhost'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
                + "<items node='" + NODE + "'><item id='romeo@localhost'>" + displayed(id)
                + "</item></items></event></message>";
    }

    private void assist(String id) {
        juliet.sends("<message to='romeo@localhost/orchard' type='chat'>"
                + "<displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/></message>");
        romeo.ignores();
        juliet.sends("<message to='romeo@localhost' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/>"
                + displayed(id) + "</message>");
    }

    @Test
    void otherDevicesHearWhatOnePublished() {
        published(
                juliet,
                NODE,
                "<item id='romeo@localhost'>" + displayed("1767225600000001") + "</item>",
                options(
                        "persist_items",
                        "true",
                        "max_items",
                        "max",
                        "send_last_published_item",
                        "never",
                        "access_model",
                        "whitelist"));

        phone.receives(event("1767225600000001"));
        romeo.receivesNothing();
        assertThat(observed).containsExactly("romeo@localhost");
    }

    /** §5.5: "The server MUST strip the displayed element" and "MUST publish a PEP item". */
    @Test
    void serverPublishesWhatComesWithAMarker() {
        assist("1767225600000001");

        assertThat(romeo.next().toString()).contains("chat-markers").doesNotContain("mds:displayed");
        phone.receives(event("1767225600000001"));
    }

    /** §6.2: "the server MUST ensure that an appropriate node configuration is applied". */
    @Test
    void nodeThatTheServerMadeIsPrivate() {
        assist("1767225600000001");
        phone.ignores();

        published(
                juliet,
                NODE,
                "<item id='nurse@localhost'>" + displayed("1767225600000002") + "</item>",
                options("access_model", "whitelist", "max_items", "max", "send_last_published_item", "never"));
        romeo.ignores();
        romeo.sends("<iq type='get' id='g' to='juliet@localhost'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                + "<items node='" + NODE + "'/></pubsub></iq>");
        romeo.receivesError("not-allowed");
    }

    /** "The displayed state only moves forward." */
    @Test
    void olderPositionChangesNothing() {
        assist("1767225600000009");
        phone.ignores();

        assist("1767225600000002");

        phone.receivesNothing();
        assist("1767225600000010");
        phone.receives(event("1767225600000010"));
    }

    /** What is not yet in the archive cannot be displayed, and does not hold up what is. */
    @Test
    void positionInTheFutureIsPassed() {
        assist("1999999999999999");
        phone.ignores();

        assist("1767225600000002");

        phone.receives(event("1767225600000002"));
    }

    @Test
    void messageThatSaysNothingElseGoesNowhere() {
        juliet.sends("<message to='romeo@localhost'>" + displayed("1767225600000001") + "</message>");

        romeo.receivesNothing();
        juliet.receivesNothing();
        phone.receives(event("1767225600000001"));
    }

    /** Threat S10: nobody can be talked into a node that others read. */
    @Test
    void nodeIsNeverOpened() {
        publish(
                juliet,
                NODE,
                "<item id='romeo@localhost'>" + displayed("1767225600000001") + "</item>",
                options("access_model", "open"));

        juliet.receivesError("not-acceptable");
    }
}
