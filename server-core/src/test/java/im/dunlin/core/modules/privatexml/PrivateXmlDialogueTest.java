// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.privatexml;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateXmlDialogueTest {
    private static final String STORAGE =
            "<storage xmlns='storage:bookmarks'><conference jid='r@conference.localhost'/></storage>";

    private final TestServer server = TestServer.with("private-xml", PrivateXmlModule::new);
    private final TestClient juliet = server.connect("juliet@localhost/balcony");

    @AfterEach
    void close() {
        server.close();
    }

    private void send(TestClient client, String type, String to, String content) {
        client.sends("<iq type='" + type + "' id='p'" + to + "><query xmlns='jabber:iq:private'>" + content
                + "</query></iq>");
    }

    @Test
    void whatWasStoredComesBack() {
        send(juliet, "set", "", STORAGE + "<prefs xmlns='urn:example:prefs'>x</prefs>");
        juliet.receives("<iq type='result' id='p'/>");

        send(juliet, "get", "", "<storage xmlns='storage:bookmarks'/>");

        juliet.receives("<iq type='result' id='p'><query xmlns='jabber:iq:private'>" + STORAGE + "</query></iq>");
    }

    @Test
    void whatWasNeverStoredIsEmpty() {
        send(juliet, "get", "", "<storage xmlns='storage:bookmarks'/>");

        assertThat(juliet.receives("<iq type='result' id='p'><query xmlns='jabber:iq:private'>"
                                + "<storage xmlns='storage:bookmarks'/></query></iq>")
                        .toString())
                .doesNotContain("conference");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get|bad-request|",
                "get|bad-request|<a xmlns='urn:a'/><b xmlns='urn:b'/>",
                "set|bad-request|",
                "set|not-acceptable|<message xmlns='jabber:client'/>",
                "set|not-acceptable|<own xmlns='jabber:iq:private'/>",
                "get|not-acceptable|<own xmlns='jabber:iq:private'/>"
            })
    void badRequestIsRefused(String typeConditionContent) {
        String[] parts = typeConditionContent.split("\\|", -1);

        send(juliet, parts[0], "", parts[2]);

        juliet.receivesError(parts[1]);
    }

    /** Threat S15. */
    @Test
    void nobodyReadsOrWritesAnothersStorage() {
        send(juliet, "set", "", STORAGE);
        TestClient romeo = server.connect("romeo@localhost/orchard");

        send(romeo, "get", " to='juliet@localhost'", "<storage xmlns='storage:bookmarks'/>");
        romeo.receivesError("service-unavailable");
        send(romeo, "set", " to='juliet@localhost'", "<storage xmlns='storage:bookmarks'/>");
        romeo.receivesError("service-unavailable");

        send(romeo, "get", "", "<storage xmlns='storage:bookmarks'/>");
        assertThat(romeo.next().toString()).doesNotContain("conference");
    }

    @Test
    void totalIsBoundedAndWhatIsReplacedCountsOnce() {
        for (int i = 0; i < 3; i++) {
            send(juliet, "set", "", "<a xmlns='urn:a'>" + "x".repeat(60_000) + "</a>");
            juliet.receives("<iq type='result' id='p'/>");
        }
        send(juliet, "set", "", "<b xmlns='urn:b'>" + "x".repeat(60_000) + "</b>");
        juliet.receives("<iq type='result' id='p'/>");

        send(juliet, "set", "", "<c xmlns='urn:c'>" + "x".repeat(60_000) + "</c>");

        juliet.receivesError("resource-constraint");
        send(juliet, "get", "", "<c xmlns='urn:c'/>");
        assertThat(juliet.next().toString()).doesNotContain("xxx");
    }
}
