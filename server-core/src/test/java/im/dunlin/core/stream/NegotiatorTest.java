// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NegotiatorTest {
    private static final Name NUMBERED = Name.of("urn:example:numbered", "numbered");

    private final AtomicInteger asked = new AtomicInteger();
    private final TestServer server = TestServer.with(modules());

    private Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        StreamFeature numbered = new Announcement(
                Set.of(), Set.of(), stream -> Element.of(NUMBERED, Integer.toString(asked.incrementAndGet())));
        modules.put("numbered", setup -> setup.streamFeature(numbered));
        return modules;
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String number(TestClient client) {
        return client.features().requireText(NUMBERED);
    }

    @Test
    void featuresAreMadeOnceForStreamsThatHaveTheSameInCommon() {
        assertThat(number(server.open("localhost"))).isEqualTo("1");
        assertThat(number(server.open("localhost"))).isEqualTo("1");
    }

    @Test
    void streamThatHasReachedMoreIsToldOtherFeatures() {
        assertThat(number(server.open("localhost"))).isEqualTo("1");
        assertThat(number(server.login("juliet@localhost"))).isEqualTo("2");
    }

    /** XEP-0198: it is not offered once more. */
    @Test
    void managedSessionIsToldOtherFeatures() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        assertThat(number(juliet)).isEqualTo("1");

        juliet.sends("<enable xmlns='urn:xmpp:sm:3'/>");

        assertThat(number(juliet)).isEqualTo("2");
    }
}
