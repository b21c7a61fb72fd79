// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import static im.dunlin.push.PushFixture.chat;
import static im.dunlin.push.PushFixture.enable;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.push.PushFixture;
import im.dunlin.push.app.TestApps;
import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.payload.Phone;
import im.dunlin.push.registration.Registration;
import im.dunlin.push.registration.Registrations;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Devices of the operator's apps are woken by their providers, with what they alone read. */
class OwnDevicesTest {
    private static final String HERE = "juliet@localhost";
    private static final String TOKEN = "0123456789abcdef".repeat(4);
    private static final String CALL_TOKEN = "fedcba9876543210".repeat(4);
    private static final String ENDPOINT = "https://push.example/subscription/1";
    private static final JsonMapper JSON = new JsonMapper();

    private final TestApps apps = new TestApps(TestApps.IOS, TestApps.WEB);
    private final TestServer server = TestServer.with(PushFixture.modules(apps));
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private final TestClient phone = server.connect("juliet@localhost/phone");
    private final Phone keys = Phone.random(new SecureRandom());

    @BeforeEach
    void begins() {
        phone.sends("<presence/>");
        romeo.sends("<presence/>");
        ImModules.befriend(romeo, phone);
        phone.ignores();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void registers(String settings) {
        registers(phone, settings);
    }

    private void registers(TestClient phone, String settings) {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        phone.sends(enable(
                "localhost",
                "n1",
                "<settings xmlns='https://dunlin.im/protocol/push/1'>" + settings + "<key alg='webpush' auth='"
                        + base64.encodeToString(keys.secret()) + "'>" + base64.encodeToString(keys.publicKey())
                        + "</key><capability>mutable</capability></settings>"));
        phone.receives("<iq type='result' id='e'/>");
        phone.leaves();
    }

    private void registersIos() {
        registers("<app>capulet-ios</app><token>" + TOKEN + "</token><call-token>" + CALL_TOKEN + "</call-token>");
    }

    private void registersWeb() {
        registersWeb(phone);
    }

    private void registersWeb(TestClient phone) {
        registers(phone, "<app>capulet-web</app><endpoint>" + ENDPOINT + "</endpoint>");
    }

    private void calls(String sid) {
        romeo.sends("<message type='chat' to='" + HERE + "'><propose xmlns='urn:xmpp:jingle-message:0' id='" + sid
                + "'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose></message>");
    }

    private static String token(PushRequest push) {
        return ((PushAddress.Token) push.address()).token();
    }

    private JsonNode open(byte[] body) {
        try {
            return JSON.readTree(keys.open(body));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private JsonNode open(PushRequest push) {
        JsonNode envelope = JSON.readTree(push.payload()).path("p");
        assertThat(envelope.path("n").asString()).isEqualTo("n1");
        return open(Base64.getUrlDecoder().decode(envelope.path("e").asString()));
    }

    @Test
    void messageIsAnAlertThatThePhoneOpens() {
        registersIos();
        romeo.sends(chat(HERE, "Wherefore art thou?"));
        server.after(Duration.ofSeconds(1));
        PushRequest push = apps.next();
        assertThat(push.app()).isEqualTo("capulet-ios");
        assertThat(token(push)).isEqualTo(TOKEN);
        assertThat(push.kind()).isEqualTo(PushRequest.Kind.ALERT);
        JsonNode contents = open(push);
        assertThat(contents.path("b").asString()).isEqualTo("Wherefore art thou?");
        assertThat(contents.path("f").asString()).isEqualTo("romeo@localhost");
        assertThat(contents.path("u").asInt()).isEqualTo(1);
    }

    @Test
    @DisplayName("Check 20: the numbers of pushes increase")
    void numbersOfPushesIncrease() {
        registersIos();
        long last = 0;
        for (int i = 0; i < 3; i++) {
            romeo.sends(chat(HERE, "again"));
            server.after(Duration.ofSeconds(10));
            long number = open(apps.next()).path("q").asLong();
            assertThat(number).isGreaterThan(last);
            last = number;
        }
    }

    @Test
    @DisplayName("Check 23: a call goes to the token for calls, with all that the phone needs to ring")
    void callGoesToTheTokenForCalls() {
        registersIos();
        calls("c1");
        PushRequest push = apps.next();
        assertThat(push.kind()).isEqualTo(PushRequest.Kind.VOIP);
        assertThat(push.rank()).isEqualTo(PushRequest.Rank.CALL);
        assertThat(token(push)).isEqualTo(CALL_TOKEN);
        assertThat(push.expires())
                .isBetween(server.time().instant(), server.time().instant().plusSeconds(60));
        JsonNode contents = open(push);
        assertThat(contents.path("f").asString()).isEqualTo("romeo@localhost/orchard");
        assertThat(contents.path("s").asString()).isEqualTo("c1");
        assertThat(contents.path("m").toString()).isEqualTo("[\"audio\"]");
    }

    @Test
    void deviceThatAsksIsSentATestOnceAMinute() {
        TestClient other = server.connect("juliet@localhost/other");
        other.ignores();
        registersIos();
        TestClient back = server.connect("juliet@localhost/phone");
        back.ignores();
        String test = "<iq type='set' id='t'><test xmlns='https://dunlin.im/protocol/push/1'/></iq>";
        back.sends(test);
        back.receives("<iq type='result' id='t'/>");
        PushRequest push = apps.next();
        assertThat(push.kind()).isEqualTo(PushRequest.Kind.ALERT);
        assertThat(open(push).path("t").asString()).isEqualTo("test");
        back.sends(test);
        back.receivesError("policy-violation");
        server.after(Duration.ofMinutes(1));
        back.sends(test);
        back.receives("<iq type='result' id='t'/>");
        apps.next();
        other.sends(test);
        other.receivesError("item-not-found");
        assertThat(apps.count()).isZero();
    }

    @Test
    void offerThatSaysMoreThanItsMediaTravelsWhole() {
        registersIos();
        calls("c1");
        assertThat(open(apps.next()).has("d")).isFalse();
        String offer =
                "<propose xmlns='urn:xmpp:jingle-message:0' id='c2'><description xmlns='urn:xmpp:jingle:apps:rtp:1'"
                        + " media='audio'/><room xmlns='urn:example:meet'>a &amp; b</room></propose>";
        romeo.sends("<message type='chat' to='" + HERE + "'>" + offer + "</message>");
        JsonNode contents = open(apps.next());
        assertThat(contents.path("m").toString()).isEqualTo("[\"audio\"]");
        assertThat(contents.path("d").asString()).isEqualTo(offer);
    }

    @Test
    @DisplayName("Check 43: a subscription of Web Push gets the body alone, a call and its end under one topic")
    void subscriptionGetsTheBodyAlone() {
        registersWeb();
        calls("c1");
        PushRequest call = apps.next();
        assertThat(call.address()).isEqualTo(new PushAddress.Subscription(URI.create(ENDPOINT)));
        assertThat(open(call.payload()).path("s").asString()).isEqualTo("c1");
        romeo.sends("<message type='chat' to='" + HERE
                + "'><retract xmlns='urn:xmpp:jingle-message:0' id='c1'/></message>");
        server.after(Duration.ofSeconds(1));
        PushRequest end = apps.next();
        assertThat(open(end.payload()).path("r").asString()).isEqualTo("retract");
        assertThat(end.collapse()).isEqualTo(call.collapse()).isNotNull();
    }

    @Test
    void whatMayHaveArrivedIsRepeatedAsItWas() {
        registersIos();
        apps.answers(new Answer.Unanswered("closed"));
        romeo.sends(chat(HERE, "?"));
        server.after(Duration.ofSeconds(1));
        PushRequest first = apps.next();
        apps.answers(new Answer.Accepted("1"));
        server.after(Duration.ofSeconds(61));
        PushRequest second = apps.next();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.payload()).isEqualTo(first.payload());
        romeo.sends(chat(HERE, "!"));
        server.after(Duration.ofSeconds(1));
        assertThat(apps.next().id()).isNotEqualTo(first.id());
    }

    @Test
    void whatCouldNotBeSentIsSentLater() {
        registersIos();
        apps.answers(new Answer.NotSent(Answer.Why.UNREACHABLE, "no connection"));
        romeo.sends(chat(HERE, "?"));
        server.after(Duration.ofSeconds(1));
        apps.next();
        apps.answers(new Answer.Accepted("1"));
        server.after(Duration.ofSeconds(10));
        assertThat(open(apps.next()).path("b").asString()).isEqualTo("?");
        server.after(Duration.ofMinutes(10));
        assertThat(apps.count()).isZero();
    }

    // ---- what a phone does with it
    // ---------------------------------------------------------------------------------------

    /** Logs in, binds and asks what changed, in one flight; what stands in {@code <bound/>} is all that it is told. */
    private List<Element> comesBack() {
        server.account(HERE, "r0m30");
        TestClient client = server.open("localhost");
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>"
                + Base64.getEncoder().encodeToString("\0juliet\0r0m30".getBytes(StandardCharsets.UTF_8))
                + "</initial-response><bind xmlns='urn:xmpp:bind:0'><enable xmlns='" + Ns.CALLS + "'/>"
                + "<reconnect xmlns='https://dunlin.im/protocol/reconnect/1'/></bind></authenticate>");
        return client.next().requireChild(Name.of("urn:xmpp:bind:0", "bound")).children();
    }

    @Test
    void phoneThatACallWokeIsToldOfItFirst() {
        registersIos();
        for (int i = 0; i < 50; i++) {
            romeo.sends(chat(HERE, "line " + i));
        }
        calls("c1");
        assertThat(open(apps.next()).path("s").asString()).isEqualTo("c1");
        server.after(Duration.ofSeconds(5));

        List<Element> told = comesBack();
        assertThat(told).first().asString().contains("<call sid='c1' dir='in' state='proposed'", "ttl='55'");
        assertThat(told.toString()).contains("line 49");
    }

    @Test
    void phoneThatIsTooLateFindsOneMissedCallAndNothingThatRings() {
        registersIos();
        calls("c1");
        apps.next();
        romeo.sends("<message type='chat' to='" + HERE
                + "'><retract xmlns='urn:xmpp:jingle-message:0' id='c1'/><store xmlns='urn:xmpp:hints'/></message>");
        PushRequest end = apps.next();
        assertThat(end.kind()).isEqualTo(PushRequest.Kind.ALERT);
        assertThat(open(end).path("r").asString()).isEqualTo("retract");

        List<Element> told = comesBack();
        assertThat(told).first().asString().contains("<call sid='c1'", "state='ended'", "reason='retracted'");
        assertThat(told.toString()).doesNotContain("state='proposed'");
        server.after(Duration.ofMinutes(2));
        assertThat(apps.count()).isZero();
    }

    // ---- what answers mean

    private static Outcome outcome(Answer answer) {
        return OwnDevices.outcome(answer, false);
    }

    private Registration registration() {
        return Objects.requireNonNull(server.turn(
                PushFixture.JULIET,
                turn -> server.modules().provided(Registrations.class).of(turn).get(0)));
    }

    private Answer gone() {
        return new Answer.Gone(server.time().instant(), "Unregistered");
    }

    @Test
    @DisplayName("Check 37: a verdict on an earlier token says nothing of this one")
    void verdictOnAnEarlierTokenSaysNothingOfThisOne() {
        registersIos();
        apps.answers(new Answer.Gone(server.time().instant().minusSeconds(1), "Unregistered"));
        romeo.sends(chat(HERE, "?"));
        server.after(Duration.ofSeconds(1));
        apps.next();
        assertThat(registration().health().isDisabled()).isFalse();
        apps.answers(new Answer.Accepted("1"));
        server.after(Duration.ofMinutes(1));
        assertThat(open(apps.next()).path("b").asString()).isEqualTo("?");
    }

    @Test
    @DisplayName("Check 37: a token for calls that is gone leaves the other alive, and calls come as alerts")
    void callsComeAsAlertsWhenTheirTokenIsGone() {
        registersIos();
        assertThat(server.turn(PushFixture.JULIET, server.modules().provided(PushRecords.class)::devices))
                .contains("  app capulet-ios, with a token for calls");
        apps.answersOnce(gone(), new Answer.Accepted("1"));
        calls("c1");
        List<PushRequest> pushes = apps.all(2);
        assertThat(pushes).extracting(PushRequest::kind).containsExactly(PushRequest.Kind.VOIP, PushRequest.Kind.ALERT);
        assertThat(token(pushes.get(1))).isEqualTo(TOKEN);
        assertThat(open(pushes.get(1)).path("s").asString()).isEqualTo("c1");
        assertThat(registration().health().isDisabled()).isFalse();
        assertThat(server.turn(PushFixture.JULIET, server.modules().provided(PushRecords.class)::devices))
                .contains("  app capulet-ios");

        calls("c2");
        PushRequest next = apps.next();
        assertThat(next.kind()).isEqualTo(PushRequest.Kind.ALERT);
        assertThat(token(next)).isEqualTo(TOKEN);
    }

    @Test
    void tokenForCallsIsUsedWhereTheOtherIsGone() {
        registersIos();
        apps.answersOnce(gone(), new Answer.Accepted("1"));
        romeo.sends(chat(HERE, "?"));
        server.after(Duration.ofSeconds(1));
        apps.next();
        romeo.sends(chat(HERE, "?"));
        server.after(Duration.ofSeconds(10));
        assertThat(apps.count()).isZero();
        calls("c1");
        assertThat(token(apps.next())).isEqualTo(CALL_TOKEN);
    }

    @Test
    void deviceWithoutAnyAddressIsDisabledUntilItsClientSaysMore() {
        registersWeb();
        apps.answersOnce(gone(), new Answer.Accepted("1"));
        romeo.sends(chat(HERE, "?"));
        server.after(Duration.ofSeconds(1));
        apps.next();
        assertThat(registration().health().isDisabled()).isTrue();
        assertThat(registration().health().reason()).isEqualTo("Unregistered");

        TestClient back = server.connect("juliet@localhost/phone");
        registersWeb(back);
        assertThat(registration().health().isDisabled()).isFalse();
        romeo.sends(chat(HERE, "!"));
        server.after(Duration.ofSeconds(1));
        assertThat(apps.count()).isOne();
    }

    @Test
    void messageThatIsTooLongForItsServerIsSentWithoutItsText() {
        registersWeb();
        apps.answersOnce(new Answer.TooLarge(4_096), new Answer.Accepted("1"));
        romeo.sends(chat(HERE, "O Romeo, Romeo! ".repeat(50)));
        server.after(Duration.ofSeconds(1));
        List<PushRequest> pushes = apps.all(2);
        JsonNode shorter = open(pushes.get(1).payload());
        assertThat(shorter.has("b")).isFalse();
        assertThat(shorter.path("i").asString())
                .isEqualTo(open(pushes.get(0).payload()).path("i").asString());
        assertThat(pushes.get(1).payload().length).isLessThan(pushes.get(0).payload().length);
    }

    @Test
    void whatNothingMakesShortEnoughIsGivenUp() {
        registersWeb();
        apps.answers(new Answer.TooLarge(10));
        romeo.sends(chat(HERE, "O Romeo, Romeo!"));
        server.after(Duration.ofSeconds(1));
        apps.all(2);
        server.after(Duration.ofDays(1));
        assertThat(apps.count()).isZero();
    }

    @Test
    void serverThatDoesNotLikeOurClockIsAskedAgainUntilTheRegistrationIsDisabled() {
        registersWeb();
        apps.answersOnce(new Answer.Rejected("status 403"), new Answer.Accepted("1"));
        romeo.sends(chat(HERE, "?"));
        server.after(Duration.ofSeconds(1));
        apps.next();
        server.after(Duration.ofMinutes(1));
        assertThat(open(apps.next().payload()).path("b").asString()).isEqualTo("?");
        assertThat(registration().health().failures()).isZero();

        apps.answers(new Answer.Rejected("status 403"));
        romeo.sends(chat(HERE, "!"));
        for (int i = 0; i < 20; i++) {
            server.after(Duration.ofMinutes(5));
        }
        apps.all(5);
        assertThat(registration().health().isDisabled()).isTrue();
    }

    @Test
    void callThatMayHaveArrivedIsRepeatedOnce() {
        registersIos();
        apps.answers(new Answer.Unanswered("closed"));
        calls("c1");
        PushRequest first = apps.next();
        server.after(Duration.ofSeconds(10));
        PushRequest second = apps.next();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.payload()).isEqualTo(first.payload());
        server.after(Duration.ofSeconds(40));
        assertThat(apps.count()).isZero();
    }

    @Test
    void onlyADeadAddressCountsAgainstTheRegistration() {
        Instant registered = Instant.ofEpochSecond(1_000);
        assertThat(OwnDevices.isDead(new Answer.Foreign("BadDeviceToken"), registered))
                .isTrue();
        assertThat(OwnDevices.isDead(new Answer.Gone(registered, "Unregistered"), registered))
                .isTrue();
        assertThat(OwnDevices.isDead(new Answer.Gone(registered.minusSeconds(1), "Unregistered"), registered))
                .isFalse();
        assertThat(outcome(new Answer.Accepted("1"))).isInstanceOf(Outcome.Accepted.class);
        assertThat(outcome(new Answer.RetryAfter(Duration.ofSeconds(7), Answer.Scope.DEVICE, "TooManyRequests")))
                .isEqualTo(new Outcome.Later("TooManyRequests", Duration.ofSeconds(7)));
        assertThat(outcome(new Answer.RetryAfter(Duration.ofSeconds(7), Answer.Scope.SERVICE, "QUOTA_EXCEEDED")))
                .isEqualTo(new Outcome.NotSent("QUOTA_EXCEEDED", Duration.ofSeconds(7)));
        assertThat(outcome(new Answer.Unanswered("closed"))).isInstanceOf(Outcome.Later.class);
        assertThat(outcome(new Answer.Unauthorized("InvalidProviderToken"))).isInstanceOf(Outcome.NotSent.class);
        assertThat(outcome(new Answer.TooLarge(4_096))).isInstanceOf(Outcome.Refused.class);
        assertThat(outcome(new Answer.Refused("BadTopic"))).isInstanceOf(Outcome.Refused.class);
        assertThat(outcome(new Answer.NotSent(Answer.Why.EXPIRED, "late"))).isInstanceOf(Outcome.Refused.class);
        assertThat(outcome(new Answer.NotSent(Answer.Why.QUEUE_FULL, "full"))).isInstanceOf(Outcome.NotSent.class);
    }
}
