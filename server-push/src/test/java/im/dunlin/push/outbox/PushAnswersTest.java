// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import static im.dunlin.push.PushFixture.JULIET;
import static im.dunlin.push.PushFixture.chat;
import static im.dunlin.push.PushFixture.enable;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.push.AppServer;
import im.dunlin.push.PushFixture;
import im.dunlin.push.registration.Registration;
import im.dunlin.push.registration.Registrations;
import im.dunlin.storage.Store;
import im.dunlin.storage.memory.MemoryStore;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a push service answers, and what it says unasked, decides how the registration fares and when a push is tried again. */
class PushAnswersTest {
    private static final String HERE = "juliet@localhost";

    private final AppServer app = PushFixture.service("app");
    private final Store store = new MemoryStore();
    private final TestServer.TestTime time = new TestServer.TestTime();
    private TestServer server = start();
    private TestClient romeo = server.connect("romeo@localhost/orchard");

    private TestServer start() {
        return TestServer.with(store, time, PushFixture.modules(app));
    }

    @BeforeEach
    void registers() {
        TestClient phone = server.connect("juliet@localhost/phone");
        phone.sends(enable("n"));
        phone.receives("<iq type='result' id='e'/>");
        phone.leaves();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void writes(String body) {
        romeo.sends(chat(HERE, body));
    }

    private List<Registration> registrations() {
        return Objects.requireNonNull(server.turn(
                JULIET, turn -> server.modules().provided(Registrations.class).of(turn)));
    }

    private Registration registration() {
        return registrations().get(0);
    }

    private int pushes() {
        int count = app.count();
        app.forgets();
        return count;
    }

    /** Check 6. */
    @Test
    void serviceThatAsksForPatienceGetsTheSamePushLaterAndLater() {
        app.refuses(StanzaError.resourceConstraint());
        writes("hello");
        server.after(Duration.ofSeconds(1));
        assertThat(pushes()).isEqualTo(1);
        for (int minutes : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            server.after(Duration.ofMinutes(minutes).minusSeconds(2));
            assertThat(pushes()).isZero();
            server.after(Duration.ofSeconds(2));
            assertThat(pushes()).as("after %d minutes", minutes).isEqualTo(1);
        }
        assertThat(registration().health().isDisabled()).isFalse();
        assertThat(registration().health().waits()).isEqualTo(9);

        app.refuses(null);
        server.after(Duration.ofHours(1));
        assertThat(pushes()).isEqualTo(1);
        assertThat(registration().health().waits()).isZero();
        server.after(Duration.ofDays(1));
        assertThat(pushes()).isZero();
    }

    /** Check 6. */
    @Test
    void registrationThatReachesNobodyFiveTimesIsDisabledUntilItsClientEnablesItAgain() {
        app.refuses(StanzaError.itemNotFound());
        for (int i = 1; i <= 5; i++) {
            assertThat(registration().health().isDisabled()).isFalse();
            writes("hello " + i);
            server.after(Duration.ofSeconds(10));
        }
        assertThat(registration().health().isDisabled()).isTrue();
        assertThat(registration().health().reason()).isEqualTo("item-not-found");
        assertThat(pushes()).isEqualTo(5);
        writes("anybody?");
        server.after(Duration.ofSeconds(10));
        assertThat(pushes()).isZero();

        app.refuses(null);
        registers();
        writes("hello");
        server.after(Duration.ofSeconds(10));
        assertThat(pushes()).isEqualTo(1);
    }

    @Test
    void disabledRegistrationIsTriedOnceADay() {
        app.refuses(StanzaError.forbidden());
        for (int i = 1; i <= 5; i++) {
            writes("hello " + i);
            server.after(Duration.ofSeconds(10));
        }
        pushes();
        server.after(Duration.ofHours(25));
        writes("one");
        server.after(Duration.ofSeconds(10));
        writes("two");
        server.after(Duration.ofSeconds(10));
        assertThat(pushes()).isEqualTo(1);
        assertThat(registration().health().isDisabled()).isTrue();
    }

    @Test
    void pushThatTheServiceDoesNotUnderstandIsNotRepeatedAndNobodyIsBlamed() {
        app.refuses(StanzaError.badRequest());
        writes("hello");
        server.after(Duration.ofSeconds(1));
        server.after(Duration.ofDays(1));
        assertThat(pushes()).isEqualTo(1);
        assertThat(registration().health().failures()).isZero();
    }

    @Test
    void serviceThatDoesNotAnswerIsAskedAgain() {
        app.isSilent();
        writes("hello");
        server.after(Duration.ofSeconds(1));
        assertThat(pushes()).isEqualTo(1);
        server.after(Duration.ofSeconds(31));
        assertThat(pushes()).isZero();
        server.after(Duration.ofSeconds(61));
        assertThat(pushes()).isEqualTo(1);
    }

    @Test
    void whatHappensUntilTheAnswerIsThereIsOneMorePush() {
        app.isSilent();
        writes("one");
        server.after(Duration.ofSeconds(1));
        assertThat(pushes()).isEqualTo(1);
        writes("two");
        writes("three");
        server.after(Duration.ofSeconds(5));
        assertThat(pushes()).isZero();
        app.refuses(null);
        server.after(Duration.ofSeconds(26));
        server.after(Duration.ofMinutes(1));
        server.after(Duration.ofMinutes(5));
        assertThat(pushes()).isEqualTo(1);
    }

    /** Check 7. */
    @Test
    void serviceRevokesItsOwnNodesAlone() {
        String gone = "<pubsub xmlns='http://jabber.org/protocol/pubsub' node='n'>"
                + "<affiliation jid='juliet@localhost' affiliation='none'/></pubsub>";
        romeo.sends("<message to='" + HERE + "'>" + gone + "</message>");
        app.says(server, "<message to='" + HERE + "'>" + gone.replace("node='n'", "node='m'") + "</message>");
        app.says(server, "<message to='" + HERE + "'>" + gone.replace("'none'", "'publisher'") + "</message>");
        assertThat(registrations()).hasSize(1);

        app.says(server, "<message to='" + HERE + "'>" + gone + "</message>");
        assertThat(registrations()).isEmpty();
        writes("hello");
        server.after(Duration.ofSeconds(1));
        assertThat(pushes()).isZero();
    }

    @Test
    void floodWakesLessAndLessOften() {
        for (int i = 1; i <= 40; i++) {
            writes("line " + i);
            server.after(Duration.ofSeconds(1));
        }
        server.after(Duration.ofSeconds(10));
        assertThat(pushes()).isBetween(10, 14);
    }

    @Test
    void manyConversationsAtOnceWakeADeviceTwentyTimesAndThenSteadily() {
        for (int i = 1; i <= 30; i++) {
            server.connect("friend" + i + "@localhost/x").sends(chat(HERE, "hello"));
        }
        server.after(Duration.ofSeconds(1));
        assertThat(pushes()).isEqualTo(20);
        server.after(Duration.ofSeconds(3));
        assertThat(pushes()).isEqualTo(1);
        for (int i = 0; i < 40; i++) {
            server.after(Duration.ofSeconds(3));
        }
        assertThat(pushes()).isEqualTo(9);
    }

    @Test
    void messageThatWaitsSurvivesARestart() {
        app.refuses(StanzaError.resourceConstraint());
        writes("hello");
        server.after(Duration.ofSeconds(1));
        app.refuses(null);
        pushes();
        server.close();
        server = start();
        romeo = server.connect("romeo@localhost/orchard");
        server.after(Duration.ofMinutes(1));
        assertThat(pushes()).isEqualTo(1);
    }

    /** Check 48. */
    @Test
    void removedAccountIsPushedNothing() {
        writes("hello");
        server.turn(JULIET, turn -> {
            turn.removeOwner(turn.now());
            return null;
        });
        server.after(Duration.ofSeconds(10));
        assertThat(pushes()).isZero();
    }

    @Test
    void sleepingSessionOfADeviceThatCanBeWokenWaitsForDays() {
        String id = sleeps();
        server.after(Duration.ofHours(70));
        assertThat(resumes(id)).isEqualTo("resumed");
    }

    @Test
    void sleepingSessionThatWasWokenInVainEndsAsAnyOther() {
        String id = sleeps();
        server.after(Duration.ofHours(2));
        writes("hello");
        server.after(Duration.ofSeconds(1));
        assertThat(pushes()).isEqualTo(1);
        for (int i = 0; i < 4; i++) {
            server.after(Duration.ofMinutes(10));
        }
        assertThat(resumes(id)).isEqualTo("failed");
    }

    @Test
    void sleepingSessionEndsAfterThreeDays() {
        String id = sleeps();
        for (int i = 0; i < 80; i++) {
            server.after(Duration.ofHours(1));
        }
        assertThat(resumes(id)).isEqualTo("failed");
    }

    private String sleeps() {
        TestClient phone = server.connect("juliet@localhost/phone");
        phone.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        String id = Objects.requireNonNull(phone.next().attr("id"));
        phone.loses();
        return id;
    }

    private String resumes(String id) {
        TestClient again = server.login(HERE);
        again.sends("<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='0'/>");
        return again.next().name().local();
    }
}
