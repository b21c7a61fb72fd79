// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import static im.dunlin.push.payload.TestNotices.JULIET;
import static im.dunlin.push.payload.TestNotices.NODE;
import static im.dunlin.push.payload.TestNotices.NOW;
import static im.dunlin.push.payload.TestNotices.ROMEO;
import static im.dunlin.push.payload.TestNotices.SID;
import static im.dunlin.push.payload.TestNotices.call;
import static im.dunlin.push.payload.TestNotices.chat;
import static im.dunlin.push.payload.TestNotices.device;
import static im.dunlin.push.payload.TestNotices.encrypted;
import static im.dunlin.push.payload.TestNotices.end;
import static im.dunlin.push.payload.TestNotices.message;
import static im.dunlin.push.payload.TestNotices.read;
import static im.dunlin.push.payload.TestNotices.readsPlainly;
import static im.dunlin.push.payload.TestNotices.test;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.push.gateway.PushRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What apps of our own, and of Tigase's makers, are sent. */
class DeviceEncoderTest {
    private static final Set<Integer> LENGTHS = Set.of(512, 1024, 1536, 2048, 2560, 3072, 3584, 3994);
    private static final JsonMapper JSON = new JsonMapper();

    private final DeviceEncoder encoder = new DeviceEncoder(new SecureRandom());
    private final Phone phone = Phone.random(new SecureRandom());
    private final Recipient iphone = device(phone.key(), Capability.MUTABLE, Capability.VOIP);
    private long sequence = 1_000;

    private EncodedPush apns(Notice notice, Recipient recipient) {
        return checked(encoder.apns(notice, recipient, ++sequence));
    }

    private EncodedPush fcm(Notice notice, Recipient recipient) {
        return checked(encoder.fcm(notice, recipient, ++sequence));
    }

    private EncodedPush webPush(Notice notice, Recipient recipient) {
        return checked(encoder.webPush(notice, recipient, ++sequence));
    }

    private static EncodedPush checked(@Nullable EncodedPush push) {
        assertThat(push).isNotNull();
        assertThat(push.payload().length).isLessThanOrEqualTo(4_096);
        return push;
    }

    /** That it is UTF-8 as well, which a reader that is content with anything would not tell. */
    private static JsonNode json(byte[] payload) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload));
        } catch (CharacterCodingException e) {
            throw new AssertionError(e);
        }
        return JSON.readTree(payload);
    }

    private static byte[] body(JsonNode envelope) {
        return Base64.getUrlDecoder().decode(envelope.path("e").asString());
    }

    private JsonNode open(JsonNode envelope) {
        return open(body(envelope));
    }

    private JsonNode open(byte[] body) {
        try {
            byte[] content = phone.open(body);
            assertThat(phone.openByOthers(body)).isEqualTo(content);
            return json(content);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    // ---- APNs
    // --------------------------------------------------------------------------------------------------------

    @Test
    @DisplayName("Check 20: a message is an alert that the extension opens")
    void messageIsAnAlertThatTheExtensionOpens() {
        EncodedPush push = apns(chat("Wherefore art thou?"), iphone);
        assertThat(push.kind()).isEqualTo(PushRequest.Kind.ALERT);
        assertThat(push.rank()).isEqualTo(PushRequest.Rank.MESSAGE);
        assertThat(push.expires()).isEqualTo(NOW.plus(Notice.SEEN_WITHIN));

        JsonNode json = json(push.payload());
        assertThat(json.at("/aps/mutable-content").asInt()).isEqualTo(1);
        assertThat(json.at("/aps/alert").toString()).isEqualTo("{\"loc-key\":\"PUSH_MESSAGE\"}");
        assertThat(json.at("/aps").has("badge")).isFalse();
        assertThat(json.at("/p/v").asInt()).isEqualTo(1);
        assertThat(json.at("/p/n").asString()).isEqualTo(NODE);
        assertThat(json.at("/p/k").asString()).isEqualTo(phone.key().id());
        assertThat(json.at("/p/c").asString()).isEqualTo("msg");

        assertThat(open(json.path("p")).toString())
                .isEqualTo(
                        "{\"v\":1,\"t\":\"msg\",\"q\":1001,\"ts\":1767225600,\"x\":1769644800,\"h\":\""
                                + json.at("/aps/thread-id").asString()
                                + "\",\"u\":1,\"i\":\"1700000000000000\",\"f\":\"romeo@montague.example\",\"b\":\"Wherefore art thou?\"}");
    }

    @Test
    @DisplayName("Check 20: two equal messages give different bodies, and a larger number")
    void equalMessagesLookDifferent() {
        JsonNode one = json(apns(chat("?"), iphone).payload()).path("p");
        JsonNode two = json(apns(chat("?"), iphone).payload()).path("p");
        assertThat(body(one)).isNotEqualTo(body(two));
        assertThat(open(two).path("q").asLong())
                .isGreaterThan(open(one).path("q").asLong());
    }

    @Test
    @DisplayName("Check 23: a call starts the app, with what it needs to ring")
    void callStartsTheApp() {
        EncodedPush push = apns(call("audio", "video"), iphone);
        assertThat(push.kind()).isEqualTo(PushRequest.Kind.VOIP);
        assertThat(push.rank()).isEqualTo(PushRequest.Rank.CALL);
        assertThat(push.urgency()).isEqualTo(PushRequest.Urgency.HIGH);
        assertThat(push.collapse()).isNull();
        assertThat(push.expires()).isEqualTo(NOW.plusSeconds(45));
        JsonNode json = json(push.payload());
        assertThat(json.path("aps").isEmpty()).isTrue();
        assertThat(open(json.path("p")).toString())
                .isEqualTo("{\"v\":1,\"t\":\"call\",\"q\":1001,\"ts\":1767225600,\"x\":1767225645,"
                        + "\"f\":\"romeo@montague.example/orchard\",\"s\":\"" + SID
                        + "\",\"m\":[\"audio\",\"video\"]}");
    }

    @Test
    void callIsShownWhereTheAppHasNoTokenForCalls() {
        EncodedPush push = apns(call("audio"), device(phone.key(), Capability.MUTABLE));
        assertThat(push.kind()).isEqualTo(PushRequest.Kind.ALERT);
        assertThat(push.rank()).isEqualTo(PushRequest.Rank.CALL);
        assertThat(json(push.payload()).at("/aps/alert/loc-key").asString()).isEqualTo("PUSH_CALL");
    }

    @Test
    void nothingButACallIsPushedAsOne() {
        Capability[] all = Capability.values();
        List<Notice> notices = new ArrayList<>(List.of(chat("?"), encrypted(), read(), test()));
        Stream.of(Notice.CallEnd.Reason.values()).map(TestNotices::end).forEach(notices::add);
        for (Notice notice : notices) {
            for (ClientKey key : new ClientKey[] {null, phone.key(), TestRecipients.tigaseKey(3_000)}) {
                EncodedPush push = encoder.apns(notice, device(key, all), 1);
                assertThat(push == null ? null : push.kind()).as("%s", notice).isNotEqualTo(PushRequest.Kind.VOIP);
            }
        }
    }

    @Test
    @DisplayName("Check 27: a missed call is shown, and no other end where it cannot be swallowed")
    void onlyAMissedCallIsShown() {
        for (Notice.CallEnd.Reason reason : Notice.CallEnd.Reason.values()) {
            Notice.CallEnd end = end(reason);
            if (end.isMissed()) {
                JsonNode json = json(apns(end, iphone).payload());
                assertThat(json.at("/aps/alert/loc-key").asString()).isEqualTo("PUSH_MISSED_CALL");
                assertThat(open(json.path("p")).path("s").asString()).isEqualTo(SID);
            } else {
                assertThat(encoder.apns(end, iphone, 1)).isNull();
                JsonNode json = json(apns(end, device(phone.key(), Capability.FILTERING, Capability.CALL_END))
                        .payload());
                assertThat(open(json.path("p")).path("r").asString()).isEqualTo(reason.wire());
            }
        }
    }

    @Test
    void whatWasReadIsShownToNobody() {
        assertThat(encoder.apns(read(), iphone, 1)).isNull();
        EncodedPush push = apns(read(), device(phone.key(), Capability.READ));
        assertThat(push.kind()).isEqualTo(PushRequest.Kind.BACKGROUND);
        assertThat(push.urgency()).isEqualTo(PushRequest.Urgency.LOW);
        JsonNode json = json(push.payload());
        assertThat(json.path("aps").toString()).isEqualTo("{\"content-available\":1}");
        assertThat(open(json.path("p")).path("rd").toString()).isEqualTo("[\"16\",\"17\"]");
    }

    @Test
    void badgeIsForAppsThatCannotCount() {
        assertThat(json(apns(chat("?"), device(phone.key())).payload())
                        .at("/aps/badge")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void conversationHasAnIdOfItsRegistration() {
        Recipient other = new Recipient(JULIET, NODE, new byte[16], phone.key(), Set.of(), null, false);
        String thread = thread(chat("1"), iphone);
        assertThat(thread).hasSize(22).isEqualTo(thread(chat("2"), iphone)).isNotEqualTo(thread(chat("1"), other));
        assertThat(thread(message(Notice.Message.Kind.CHAT, JULIET, JULIET, null, ""), iphone))
                .isNotEqualTo(thread);
    }

    private String thread(Notice notice, Recipient recipient) {
        return json(apns(notice, recipient).payload()).at("/aps/thread-id").asString();
    }

    @Test
    void editTakesThePlaceOfWhatItNames() {
        EncodedPush original = apns(chat("Rome0"), iphone);
        EncodedPush edit = apns(message(Notice.Message.Kind.EDIT, ROMEO, ROMEO, null, "Romeo"), iphone);
        assertThat(edit.collapse()).isEqualTo(original.collapse()).isNotNull();
        assertThat(json(edit.payload()).path("aps").has("sound")).isFalse();
    }

    @Test
    void coalescedTakesThePlaceOfTheLastOfTheConversation() {
        assertThat(apns(coalesced("1"), iphone).collapse())
                .isEqualTo(apns(coalesced("2"), iphone).collapse())
                .isNotEqualTo(apns(chat("1"), iphone).collapse());
    }

    private static Notice.Message coalesced(String stanzaId) {
        return new Notice.Message(
                Notice.Message.Kind.CHAT, NOW, ROMEO, ROMEO, null, "?", false, "9", stanzaId, 5, false, true);
    }

    @Test
    void localeSaysInWhichWordsTheServerWrites() {
        Recipient german = new Recipient(JULIET, NODE, new byte[16], null, Set.of(), Locale.GERMANY, false);
        assertThat(json(apns(chat("?"), german).payload()).at("/aps/alert").toString())
                .isEqualTo("{\"body\":\"Neue Nachricht\"}");
    }

    @Test
    void withoutAKeyNothingIsSaidButThatSomethingIsThere() {
        assertThat(json(apns(chat("Wherefore art thou?"), device(null)).payload())
                        .path("p")
                        .toString())
                .isEqualTo("{\"v\":1,\"n\":\"" + NODE + "\",\"c\":\"msg\"}");
    }

    @Test
    void plainTextIsForWhoAskedForIt() {
        JsonNode json = json(apns(chat("Wherefore art thou?"), readsPlainly()).payload());
        assertThat(json.at("/aps/alert").toString())
                .isEqualTo("{\"title\":\"romeo@montague.example\",\"body\":\"Wherefore art thou?\"}");
        assertThat(JSON.readTree(json.at("/p/o").asString()).path("b").asString())
                .isEqualTo("Wherefore art thou?");
        for (String text : List.of("\u0001".repeat(9_000), "😀".repeat(9_000), "\"".repeat(9_000))) {
            assertThat(json(apns(chat(text), readsPlainly()).payload())
                            .at("/aps/alert/body")
                            .asString())
                    .endsWith("…");
            json(fcm(chat(text), readsPlainly()).payload());
        }
    }

    // ---- what fits
    // ---------------------------------------------------------------------------------------------------

    private static final String FAMILY = "👨‍👩‍👧";

    @Test
    @DisplayName("Check 21: long, wide, right-to-left and broken text fits, cut between characters")
    void textIsCutBetweenCharacters() {
        String hebrew = "שלום עולם ";
        for (String text : List.of(
                "😀".repeat(5_000),
                "x".repeat(100_000),
                hebrew.repeat(1_000),
                "\ud83d".repeat(5_000),
                "\u0001".repeat(5_000))) {
            for (JsonNode contents : List.of(
                    open(json(apns(chat(text), iphone).payload()).path("p")),
                    open(json(fcm(chat(text), iphone).payload())),
                    open(webPush(chat(text), iphone).payload()))) {
                assertThat(contents.path("tr").asInt()).isEqualTo(1);
                String cut = contents.path("b").asString();
                assertThat(cut).endsWith("…");
                String kept = cut.substring(0, cut.length() - 1);
                assertThat(text.replace('\ud83d', text.contains("\ude00") ? '\ud83d' : '\uFFFD'))
                        .startsWith(kept);
                assertThat(kept.length()).isGreaterThan(300);
            }
        }
        assertThat(open(json(apns(chat(FAMILY.repeat(900)), iphone).payload()).path("p"))
                        .path("b")
                        .asString())
                .matches("(" + FAMILY + ")+…");
    }

    @Test
    @DisplayName("Check 21: a sender that is too long gives way, and never the archive's id")
    void longSenderGivesWay() {
        String local = "r".repeat(1_023);
        String domain = (("d".repeat(60) + ".").repeat(4) + "example");
        Jid sender = Jid.of(local + "@" + domain + "/" + "o".repeat(1_023));
        Notice.Message long1 =
                message(Notice.Message.Kind.GROUP, sender.bare(), sender, "n".repeat(1_023), "😀".repeat(5_000));
        JsonNode contents = open(json(apns(long1, iphone).payload()).path("p"));
        assertThat(contents.has("f")).isFalse();
        assertThat(contents.has("g")).isFalse();
        assertThat(contents.path("i").asString()).isEqualTo("1700000000000000");
        assertThat(contents.path("n").asString()).isEqualTo("n".repeat(64));
        assertThat(contents.path("tr").asInt()).isEqualTo(1);
        assertThat(contents.path("b").asString()).startsWith("😀").endsWith("😀…");

        Notice.Call call = new Notice.Call(
                NOW, NOW.plusSeconds(45), (FullJid) sender, "s".repeat(128), List.of("m".repeat(3_000)), "<propose/>");
        JsonNode offered = open(json(apns(call, iphone).payload()).path("p"));
        assertThat(offered.has("f")).isFalse();
        assertThat(offered.path("s").asString()).isEqualTo("s".repeat(128));
        assertThat(offered.path("m").isEmpty()).isTrue();
    }

    @Test
    void offerIsThereIfItFits() {
        Notice.Call small = new Notice.Call(
                NOW, NOW.plusSeconds(45), call().caller(), SID, List.of("audio"), "<propose id='" + SID + "'/>");
        assertThat(open(json(apns(small, iphone).payload()).path("p")).path("d").asString())
                .isEqualTo("<propose id='" + SID + "'/>");
        Notice.Call large = new Notice.Call(
                NOW, NOW.plusSeconds(45), call().caller(), SID, List.of("audio"), "<propose>" + "x".repeat(8_000));
        assertThat(open(json(apns(large, iphone).payload()).path("p")).has("d")).isFalse();
    }

    @Test
    void textThatOnlyTheDeviceDecryptsIsNotSent() {
        JsonNode contents = open(json(apns(encrypted(), iphone).payload()).path("p"));
        assertThat(contents.has("b")).isFalse();
        assertThat(contents.path("enc").asInt()).isEqualTo(1);
        assertThat(contents.path("i").asString()).isEqualTo("17");
    }

    @Test
    void manyReadIdsLeaveTheNewest() {
        List<String> ids = Stream.iterate(1_000_000, i -> i + 1)
                .limit(1_000)
                .map(String::valueOf)
                .toList();
        JsonNode contents = open(json(fcm(new Notice.Read(NOW, ROMEO, ids, 0), device(phone.key(), Capability.READ))
                .payload()));
        assertThat(contents.path("rd").size()).isBetween(100, 900);
        assertThat(contents.path("rd").get(contents.path("rd").size() - 1).asString())
                .isEqualTo("1000999");
    }

    @Test
    @DisplayName("Check 22: bodies have few lengths, and short texts have the same")
    void bodiesHaveFewLengths() {
        Set<Integer> seen = new TreeSet<>();
        for (int length = 0; length < 6_000; length += 37) {
            int apns =
                    body(json(apns(chat("x".repeat(length)), iphone).payload()).path("p")).length;
            int web = webPush(chat("x".repeat(length)), iphone).payload().length;
            seen.add(apns - WebPushSeal.OVERHEAD);
            seen.add(web - WebPushSeal.OVERHEAD);
        }
        assertThat(seen).isEqualTo(LENGTHS);
        assertThat(length(1)).isEqualTo(length(100)).isEqualTo(length(150));
    }

    private int length(int text) {
        return apns(chat("x".repeat(text)), iphone).payload().length;
    }

    @Test
    void callsAreShort() {
        assertThat(Set.of(256 + WebPushSeal.OVERHEAD, 512 + WebPushSeal.OVERHEAD))
                .contains(webPush(call("audio"), iphone).payload().length)
                .contains(webPush(
                                new Notice.Call(
                                        NOW, NOW, call().caller(), SID, List.of("m".repeat(2_000)), "d".repeat(5_000)),
                                iphone)
                        .payload()
                        .length);
    }

    // ---- FCM
    // ---------------------------------------------------------------------------------------------------------

    @Test
    @DisplayName("Check 42: FCM gets strings alone, and nothing that the system shows")
    void fcmGetsStringsAlone() {
        for (Notice notice : List.of(chat("?"), call("audio"), end(Notice.CallEnd.Reason.RETRACT), test())) {
            for (Recipient recipient : List.of(iphone, readsPlainly(), device(null))) {
                JsonNode data = json(fcm(notice, recipient).payload());
                assertThat(data.properties()).isNotEmpty().allSatisfy(entry -> {
                    assertThat(entry.getValue().isString()).isTrue();
                    assertThat(entry.getKey())
                            .isNotIn("from", "gcm", "notification")
                            .doesNotStartWith("google");
                });
            }
        }
        EncodedPush push = fcm(call("audio"), iphone);
        assertThat(push.urgency()).isEqualTo(PushRequest.Urgency.HIGH);
        assertThat(push.expires()).isEqualTo(NOW.plusSeconds(45));
        assertThat(push.collapse()).isNull();
        assertThat(open(json(push.payload())).path("f").asString()).isEqualTo("romeo@montague.example/orchard");
    }

    @Test
    @DisplayName("Check 28: Android is told that another device has the call, if its app wants to know")
    void androidIsToldThatAnotherDeviceHasTheCall() {
        Notice.CallEnd elsewhere = end(Notice.CallEnd.Reason.ELSEWHERE);
        assertThat(encoder.fcm(elsewhere, iphone, 1)).isNull();
        EncodedPush push = fcm(elsewhere, device(phone.key(), Capability.CALL_END));
        assertThat(push.urgency()).isEqualTo(PushRequest.Urgency.HIGH);
        assertThat(push.expires()).isEqualTo(NOW.plusSeconds(60));
        assertThat(json(push.payload()).path("c").asString()).isEqualTo("end");
        assertThat(open(json(push.payload())).path("r").asString()).isEqualTo("elsewhere");
    }

    // ---- Web Push
    // ----------------------------------------------------------------------------------------------------

    @Test
    @DisplayName("Check 43: a call and its end share the topic")
    void callAndItsEndShareTheTopic() {
        EncodedPush call = webPush(call("audio"), iphone);
        assertThat(call.collapse())
                .isNotNull()
                .isEqualTo(webPush(end(Notice.CallEnd.Reason.RETRACT), iphone).collapse());
        assertThat(call.urgency()).isEqualTo(PushRequest.Urgency.HIGH);
        assertThat(open(call.payload()).path("s").asString()).isEqualTo(SID);
    }

    @Test
    void webPushNeedsAKey() {
        assertThat(encoder.webPush(chat("?"), device(null), 1)).isNull();
        assertThat(encoder.webPush(chat("?"), device(TestRecipients.tigaseKey(3_000)), 1))
                .isNull();
    }

    // ---- Tigase's apps
    // -----------------------------------------------------------------------------------------------

    @Test
    @DisplayName("Check 16: Tigase's apps find their own names, and a call goes as one")
    void tigaseFindsItsNames() throws GeneralSecurityException {
        Recipient siskin = device(TestRecipients.tigaseKey(5_120), Capability.TIGASE_JINGLE, Capability.VOIP);
        JsonNode json = json(apns(chat("x".repeat(9_000)), siskin).payload());
        assertThat(json.path("account").asString()).isEqualTo("juliet@capulet.example");
        assertThat(json.at("/aps/mutable-content").asInt()).isEqualTo(1);
        assertThat(TestRecipients.openTigase(
                        json.path("iv").asString(), json.path("encrypted").asString()))
                .contains("\"sender\":\"romeo@montague.example\"", "…\"}");

        EncodedPush call = apns(call("audio"), siskin);
        assertThat(call.kind()).isEqualTo(PushRequest.Kind.VOIP);
        JsonNode ring = json(call.payload());
        assertThat(TestRecipients.openTigase(
                        ring.path("iv").asString(), ring.path("encrypted").asString()))
                .contains("\"type\":\"call\"");
    }

    @Test
    void groupNamesMemberAndGroup() {
        BareJid room = BareJid.of("garden@rooms.example");
        JsonNode contents = open(json(apns(
                                message(
                                        Notice.Message.Kind.GROUP,
                                        room,
                                        Jid.of("garden@rooms.example/Romeo"),
                                        "Romeo",
                                        "Ay me!"),
                                iphone)
                        .payload())
                .path("p"));
        assertThat(contents.path("t").asString()).isEqualTo("group");
        assertThat(contents.path("g").asString()).isEqualTo("garden@rooms.example");
        assertThat(contents.path("f").asString()).isEqualTo("garden@rooms.example/Romeo");
        assertThat(contents.path("n").asString()).isEqualTo("Romeo");
    }
}
