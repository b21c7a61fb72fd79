// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.presence;

import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PresenceDialogueTest {
    private final TestServer server = TestServer.with(ImModules.all());
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private final TestClient juliet = server.connect("juliet@localhost/balcony");
    private final TestClient tybalt = server.connect("tybalt@localhost/street");

    @BeforeEach
    void romeoAndJulietAreFriends() {
        ImModules.befriend(romeo, juliet);
    }

    @AfterEach
    void close() {
        server.close();
    }

    // ---- §4.2 to §4.5

    @Test
    void initialPresenceGoesToSubscribersAndComesFromContacts() {
        juliet.sends("<presence><show>chat</show></presence>");
        juliet.receives("<presence from='juliet@localhost/balcony'><show>chat</show></presence>");

        romeo.sends("<presence/>");

        romeo.receives("<presence from='romeo@localhost/orchard' to='romeo@localhost/orchard'/>");
        romeo.receives("<presence from='juliet@localhost/balcony' to='romeo@localhost/orchard'>"
                + "<show>chat</show></presence>");
        romeo.receivesNothing();
        juliet.receives("<presence from='romeo@localhost/orchard' to='juliet@localhost'/>");
        juliet.receivesNothing();
        tybalt.receivesNothing();
    }

    @Test
    void ownResourcesSeeEachOther() {
        romeo.sends("<presence><priority>1</priority></presence>");
        romeo.ignores();
        TestClient house = server.connect("romeo@localhost/house");

        house.sends("<presence><priority>2</priority></presence>");

        house.receives("<presence from='romeo@localhost/orchard'><priority>1</priority></presence>");
        house.receives("<presence from='romeo@localhost/house'><priority>2</priority></presence>");
        house.receivesNothing();
        romeo.receives("<presence from='romeo@localhost/house'><priority>2</priority></presence>");
        romeo.receivesNothing();
    }

    @Test
    void laterPresenceIsBroadcastWithoutProbes() {
        juliet.sends("<presence/>");
        romeo.sends("<presence/>");
        romeo.ignores();
        juliet.ignores();

        romeo.sends("<presence><show>away</show></presence>");

        romeo.receives("<presence><show>away</show></presence>");
        romeo.receivesNothing();
        juliet.receives("<presence from='romeo@localhost/orchard'><show>away</show></presence>");
        juliet.receivesNothing();
    }

    @Test
    void unavailablePresenceIsBroadcast() {
        juliet.sends("<presence/>");
        romeo.sends("<presence/>");
        juliet.ignores();

        romeo.sends("<presence type='unavailable'><status>gone home</status></presence>");

        juliet.receives("<presence type='unavailable' from='romeo@localhost/orchard'>"
                + "<status>gone home</status></presence>");
        juliet.receivesNothing();
    }

    @Test
    void sessionWithoutPresenceIsNotToldAndNotSeen() {
        juliet.sends("<presence/>");
        romeo.receivesNothing();

        romeo.leaves();

        juliet.receives("<presence from='juliet@localhost/balcony'/>");
        juliet.receivesNothing();
    }

    @Test
    void endOfASessionIsUnavailablePresence() {
        juliet.sends("<presence/>");
        romeo.sends("<presence/>");
        TestClient house = server.connect("romeo@localhost/house");
        house.sends("<presence/>");
        juliet.ignores();
        house.ignores();

        romeo.loses();

        juliet.receives("<presence type='unavailable' from='romeo@localhost/orchard'/>");
        juliet.receivesNothing();
        house.receives("<presence type='unavailable' from='romeo@localhost/orchard'/>");
        house.receivesNothing();
    }

    @ParameterizedTest
    @ValueSource(strings = {"128", "-129", "high", "", "1.5"})
    void priorityThatIsNoneIsRefusedAndNotSeen(String priority) {
        juliet.sends("<presence/>");
        juliet.ignores();

        romeo.sends("<presence><priority>" + priority + "</priority></presence>");

        romeo.receivesError("bad-request");
        juliet.receivesNothing();
    }

    // ---- §4.3, threat S14

    @Test
    void strangerAndUnknownAccountAreSilentAlike() {
        juliet.sends("<presence/>");
        juliet.ignores();

        tybalt.sends("<presence type='probe' to='juliet@localhost'/>");
        tybalt.sends("<presence type='probe' to='juliet@localhost/balcony'/>");
        tybalt.sends("<presence type='probe' to='nobody@localhost'/>");

        tybalt.receivesNothing();
        juliet.receivesNothing();
    }

    @Test
    void probeOfASubscriberIsAnsweredByEachAvailableResource() {
        juliet.sends("<presence/>");
        TestClient chamber = server.connect("juliet@localhost/chamber");
        chamber.sends("<presence/>");

        romeo.sends("<presence type='probe' to='juliet@localhost'/>");
        romeo.receives("<presence from='juliet@localhost/balcony' to='romeo@localhost/orchard'/>");
        romeo.receives("<presence from='juliet@localhost/chamber' to='romeo@localhost/orchard'/>");

        romeo.sends("<presence type='probe' to='juliet@localhost/chamber'/>");
        romeo.receives("<presence from='juliet@localhost/chamber' to='romeo@localhost/orchard'/>");
        romeo.receivesNothing();
    }

    // ---- §4.6

    @Test
    void directedPresenceIsTakenBackWhenTheSessionLeaves() {
        tybalt.sends("<presence/>");
        tybalt.ignores();
        romeo.sends("<presence to='tybalt@localhost'/>");
        tybalt.receives("<presence from='romeo@localhost/orchard' to='tybalt@localhost'/>");

        romeo.loses();

        tybalt.receives("<presence type='unavailable' from='romeo@localhost/orchard'/>");
        tybalt.receivesNothing();
    }

    @Test
    void directedPresenceIsTakenBackWithTheBroadcast() {
        romeo.sends("<presence/>");
        romeo.sends("<presence to='tybalt@localhost/street'/>");
        tybalt.ignores();

        romeo.sends("<presence type='unavailable'/>");

        tybalt.receives("<presence type='unavailable' from='romeo@localhost/orchard'/>");
        tybalt.receivesNothing();
        romeo.leaves();
        tybalt.receivesNothing();
    }

    @Test
    void directedPresenceThatWasTakenBackIsNotTakenBackTwice() {
        romeo.sends("<presence to='tybalt@localhost/street'/>");
        romeo.sends("<presence type='unavailable' to='tybalt@localhost/street'/>");
        tybalt.ignores();

        romeo.loses();

        tybalt.receivesNothing();
    }

    @Test
    void subscriberWithDirectedPresenceIsToldOnce() {
        juliet.sends("<presence/>");
        romeo.sends("<presence/>");
        romeo.sends("<presence to='juliet@localhost'/>");
        juliet.ignores();

        romeo.loses();

        juliet.receives("<presence type='unavailable' from='romeo@localhost/orchard'/>");
        juliet.receivesNothing();
    }

    @Test
    void whoAnswersDirectedPresenceWithAnErrorHearsNoMore() {
        romeo.sends("<presence to='tybalt@localhost/street'/>");
        tybalt.ignores();
        tybalt.sends("<presence type='error' to='romeo@localhost/orchard'/>");
        romeo.receives("<presence type='error' from='tybalt@localhost/street'/>");

        romeo.loses();

        tybalt.receivesNothing();
    }

    /** Threat R09. */
    @Test
    void directedPresenceIsBounded() {
        for (int i = 0; i < PresenceModule.MAX_DIRECTED; i++) {
            romeo.sends("<presence to='nobody" + i + "@localhost'/>");
        }
        romeo.receivesNothing();

        romeo.sends("<presence to='tybalt@localhost/street'/>");

        romeo.receivesError("policy-violation");
        tybalt.receivesNothing();
    }

    /** §8.5.2.1.2: presence to the bare JID goes to every available resource, whatever its priority. */
    @Test
    void inboundPresenceGoesToAvailableResourcesOnly() {
        juliet.sends("<presence><priority>-1</priority></presence>");
        TestClient chamber = server.connect("juliet@localhost/chamber");
        juliet.ignores();

        tybalt.sends("<presence to='juliet@localhost'/>");
        tybalt.sends("<presence to='juliet@localhost/gone'/>");
        tybalt.sends("<presence type='error' to='juliet@localhost'/>");

        juliet.receives("<presence from='tybalt@localhost/street' to='juliet@localhost'/>");
        juliet.receivesNothing();
        chamber.receivesNothing();
        tybalt.receivesNothing();
    }

    // ---- too much of it (threat R09)

    private void broadcasts(TestClient client, int number) {
        for (int i = 0; i < number; i++) {
            client.sends("<presence><status>" + i + "</status></presence>");
        }
        client.ignores();
    }

    @Test
    void ofBroadcastsThatComeTooFastTheNewestIsSentWhenItsTimeComes() {
        juliet.sends("<presence/>");
        juliet.ignores();
        broadcasts(romeo, 15);
        for (int i = 0; i < 10; i++) {
            juliet.receives("<presence from='romeo@localhost/orchard'><status>" + i + "</status></presence>");
        }
        juliet.receivesNothing();

        server.after(Duration.ofSeconds(1));
        juliet.receives("<presence from='romeo@localhost/orchard'><status>14</status></presence>");
        romeo.receives("<presence from='romeo@localhost/orchard'><status>14</status></presence>");
        server.after(Duration.ofSeconds(10));
        juliet.receivesNothing();
    }

    @Test
    void whoLeavesTooFastLeavesWhenItsTimeComes() {
        juliet.sends("<presence/>");
        broadcasts(romeo, 10);
        juliet.ignores();

        romeo.sends("<presence type='unavailable'/>");
        juliet.receivesNothing();

        server.after(Duration.ofSeconds(1));
        juliet.receives("<presence type='unavailable' from='romeo@localhost/orchard'/>");
    }

    @Test
    void endedSessionBroadcastsNothingMore() {
        juliet.sends("<presence/>");
        broadcasts(romeo, 12);
        juliet.ignores();
        romeo.leaves();
        juliet.receives("<presence type='unavailable' from='romeo@localhost/orchard'/>");

        server.after(Duration.ofSeconds(10));

        juliet.receivesNothing();
    }

    @Test
    void priorityThatIsNoneIsRefusedAlsoWhenItComesTooFast() {
        broadcasts(romeo, 12);

        romeo.sends("<presence><priority>high</priority></presence>");

        romeo.receivesError("bad-request");
    }
}
