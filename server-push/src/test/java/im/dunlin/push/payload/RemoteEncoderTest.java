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
import im.dunlin.core.jid.Jid;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What push services elsewhere are told. */
class RemoteEncoderTest {
    private static final Name ENCRYPTED = Name.of("tigase:push:encrypt:0", "encrypted");

    private final RemoteEncoder encoder = new RemoteEncoder(new SecureRandom());

    private Element standard(Notice notice, Recipient recipient) {
        return Objects.requireNonNull(encoder.standard(notice, recipient, 1)).notification();
    }

    private static void is(Element actual, String expected) {
        assertThat(actual).isEqualTo(TestXml.parse(expected));
    }

    private static String summary(String... fields) {
        StringBuilder form = new StringBuilder("<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
                + "<value>urn:xmpp:push:summary</value></field>");
        for (int i = 0; i < fields.length; i += 2) {
            form.append("<field var='")
                    .append(fields[i])
                    .append("'><value>")
                    .append(fields[i + 1])
                    .append("</value></field>");
        }
        return form.append("</x>").toString();
    }

    private static String notification(String content) {
        return "<notification xmlns='urn:xmpp:push:0'>" + content + "</notification>";
    }

    /** Check 3, as far as what is published. */
    @Test
    void importantHasABodyThatSaysNothing() {
        is(
                standard(chat("Wherefore art thou?"), device(null)),
                notification(summary("message-count", "1", "last-message-body", "New message")));
        is(
                standard(encrypted(), device(null)),
                notification(summary("message-count", "2", "last-message-body", "New message")));
        is(standard(call("audio"), device(null)), notification(summary("last-message-body", "New message")));
        is(
                standard(end(Notice.CallEnd.Reason.RETRACT), device(null)),
                notification(summary("last-message-body", "New message")));
        is(standard(test(), device(null)), notification(summary("last-message-body", "New message")));
    }

    @Test
    void subscriptionIsCounted() {
        is(
                standard(message(Notice.Message.Kind.SUBSCRIPTION, ROMEO, ROMEO, null, null), device(null)),
                notification(summary(
                        "message-count", "1", "pending-subscription-count", "1", "last-message-body", "New message")));
    }

    @Test
    void unimportantHasNoBody() {
        is(standard(read(), device(null)), notification(summary("message-count", "0")));
        is(standard(end(Notice.CallEnd.Reason.ELSEWHERE), device(null)), notification(summary()));
    }

    @Test
    void plainTextIsForWhoAskedForIt() {
        is(
                standard(chat("Wherefore art thou?"), readsPlainly()),
                notification(summary(
                        "message-count",
                        "1",
                        "last-message-sender",
                        "romeo@montague.example",
                        "last-message-body",
                        "Wherefore art thou?")));
        Element cut = standard(chat("é".repeat(5_000)), readsPlainly());
        assertThat(cut.toString().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(1_600);
        assertThat(cut.toString()).contains("éé…<");
    }

    @Test
    void plainTextIsNotForWhoHasAKey() {
        Recipient both = new Recipient(
                JULIET, NODE, new byte[16], Phone.random(new SecureRandom()).key(), Set.of(), null, true);
        assertThat(standard(chat("Wherefore art thou?"), both).toString()).doesNotContain("Wherefore", "romeo");
    }

    @Test
    void priorityIsHighForWhatIsToBeSeen() {
        Recipient device = device(null, Capability.TIGASE_PRIORITY);
        String high = "<priority xmlns='tigase:push:priority:0'>high</priority>";
        String low = "<priority xmlns='tigase:push:priority:0'>low</priority>";
        assertThat(standard(chat("?"), device).children()).contains(TestXml.parse(high));
        assertThat(standard(call(), device).children()).contains(TestXml.parse(high));
        assertThat(standard(end(Notice.CallEnd.Reason.TIMEOUT), device).children())
                .contains(TestXml.parse(high));
        assertThat(standard(read(), device).children()).contains(TestXml.parse(low));
        assertThat(standard(end(Notice.CallEnd.Reason.REJECT), device).children())
                .contains(TestXml.parse(low));
    }

    @Test
    void jingleIsAddedToAProposalAlone() {
        Recipient device = device(null, Capability.TIGASE_JINGLE);
        is(
                standard(call("audio", "video"), device),
                notification(summary("last-message-body", "New message")
                        + "<jingle xmlns='tigase:push:jingle:0' action='propose' sid='" + SID + "'>"
                        + "<media>audio</media><media>video</media></jingle>"));
        assertThat(standard(end(Notice.CallEnd.Reason.RETRACT), device).toString())
                .doesNotContain("jingle");
    }

    private String tigase(Notice notice, Capability... capabilities) throws GeneralSecurityException {
        Element notification = standard(notice, device(TestRecipients.tigaseKey(3_000), capabilities));
        assertThat(notification.children()).as("no summary beside it").hasSize(1);
        Element encrypted = notification.requireChild(ENCRYPTED);
        return TestRecipients.openTigase(encrypted.requireAttr("iv"), encrypted.text());
    }

    @Test
    void tigaseReadsSenderAndText() throws GeneralSecurityException {
        assertThat(tigase(chat("Wherefore art thou?")))
                .isEqualTo("{\"unread\":1,\"sender\":\"romeo@montague.example\",\"type\":\"chat\","
                        + "\"message\":\"Wherefore art thou?\"}");
        BareJid room = BareJid.of("garden@rooms.example");
        assertThat(tigase(message(
                        Notice.Message.Kind.GROUP,
                        room,
                        Jid.of("garden@rooms.example/R"),
                        "R\ud800",
                        "Ay me!\u2028\u0001")))
                .isEqualTo("{\"unread\":1,\"sender\":\"garden@rooms.example\",\"type\":\"groupchat\","
                        + "\"nickname\":\"R\uFFFD\",\"message\":\"Ay me!\u2028\\u0001\"}");
        assertThat(tigase(encrypted())).contains("\"message\":\"Encrypted message\"");
        assertThat(tigase(message(Notice.Message.Kind.SUBSCRIPTION, ROMEO, ROMEO, null, null)))
                .contains("\"type\":\"subscribe\"");
        assertThat(tigase(end(Notice.CallEnd.Reason.RETRACT))).contains("\"message\":\"Missed call\"");
    }

    @Test
    void tigaseRingsForACallIfItAskedForCalls() throws GeneralSecurityException {
        assertThat(encoder.standard(call("audio"), device(TestRecipients.tigaseKey(3_000)), 1))
                .isNull();
        assertThat(tigaseCall("audio"))
                .isEqualTo("{\"unread\":1,\"sender\":\"romeo@montague.example/orchard\",\"type\":\"call\",\"sid\":\""
                        + SID + "\",\"media\":[\"audio\"]}");
        assertThat(tigaseCall()).endsWith("\"media\":[]}");
    }

    private String tigaseCall(String... media) throws GeneralSecurityException {
        Element encrypted = standard(call(media), device(TestRecipients.tigaseKey(3_000), Capability.TIGASE_JINGLE))
                .requireChild(ENCRYPTED);
        assertThat(encrypted.attr("type")).isEqualTo("voip");
        return TestRecipients.openTigase(encrypted.requireAttr("iv"), encrypted.text());
    }

    @Test
    void tigaseGetsCallsAloneAsCalls() {
        Recipient device = device(TestRecipients.tigaseKey(3_000), Capability.TIGASE_JINGLE);
        for (Notice notice : List.of(chat("?"), end(Notice.CallEnd.Reason.RETRACT))) {
            assertThat(standard(notice, device).requireChild(ENCRYPTED).attr("type"))
                    .isNull();
        }
        assertThat(encoder.standard(end(Notice.CallEnd.Reason.ELSEWHERE), device, 1))
                .isNull();
        assertThat(encoder.standard(read(), device, 1)).isNull();
    }

    /** Check 21, for Tigase's form. */
    @Test
    void tigaseTextIsCutToWhatTheServiceTakes() throws GeneralSecurityException {
        for (String text : List.of("x".repeat(9_000), "😀".repeat(5_000), "\u0001".repeat(5_000), "\"".repeat(5_000))) {
            for (int size : new int[] {256, 1_000, 3_000}) {
                Element encrypted = standard(chat(text), device(TestRecipients.tigaseKey(size)))
                        .requireChild(ENCRYPTED);
                assertThat(encrypted.text().length()).isLessThanOrEqualTo(size).isGreaterThan(size - 30);
                assertThat(TestRecipients.openTigase(encrypted.requireAttr("iv"), encrypted.text()))
                        .endsWith("…\"}")
                        .doesNotContain("\uFFFD");
            }
        }
    }

    @Test
    void ownClientsAreSentWhatOnlyTheyOpen() throws GeneralSecurityException {
        Phone phone = Phone.random(new SecureRandom());
        Element notification = standard(call("audio"), device(phone.key()));
        assertThat(notification.children().get(0))
                .isEqualTo(TestXml.parse(summary("last-message-body", "New message")));
        Element encrypted = notification.requireChild(Name.of("https://dunlin.im/protocol/push/1", "encrypted"));
        assertThat(encrypted.attr("alg")).isEqualTo("webpush");
        assertThat(encrypted.attr("kid")).isEqualTo(phone.key().id());
        assertThat(encrypted.attr("class")).isEqualTo("call");
        assertThat(new String(phone.open(Base64.getDecoder().decode(encrypted.text())), StandardCharsets.UTF_8))
                .contains("\"t\":\"call\"", "romeo@montague.example/orchard", SID);
    }

    private static final String INFO = "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
            + "<value>https://xabber.com/protocol/push#info</value></field><field var='type'><value>%s</value></field></x>";

    private String xabber(String type, Notice notice) throws GeneralSecurityException {
        Element notification = Objects.requireNonNull(encoder.xabber(notice, device(TestRecipients.xabberKey())))
                .notification();
        assertThat(notification.name()).isEqualTo(Name.of(XabberKey.NAMESPACE, "notification"));
        assertThat(notification.children().get(0)).isEqualTo(TestXml.parse(INFO.formatted(type)));
        Element encrypted = notification.requireChild(Name.of(XabberKey.NAMESPACE, "encrypted"));
        assertThat(encrypted.attr("iv-length")).isEqualTo("16");
        return TestRecipients.openXabber(encrypted.text());
    }

    @Test
    void xabberReadsWhereTheMessageIs() throws GeneralSecurityException {
        String id = "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.example' id='1700000000000000'/>";
        assertThat(xabber("message", chat("?"))).isEqualTo(id);
        assertThat(xabber("update", message(Notice.Message.Kind.EDIT, ROMEO, ROMEO, null, "!")))
                .isEqualTo(id);
        assertThat(xabber("invite", message(Notice.Message.Kind.INVITATION, ROMEO, ROMEO, null, null)))
                .isEqualTo(id);
        assertThat(xabber("subscribe", message(Notice.Message.Kind.SUBSCRIPTION, ROMEO, ROMEO, null, null)))
                .isEqualTo("<presence xmlns='jabber:client' type='subscribe' from='romeo@montague.example'/>");
        assertThat(xabber("displayed", read()))
                .isEqualTo("<displayed xmlns='urn:xmpp:chat-markers:0'>"
                        + "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.example' id='16'/>"
                        + "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.example' id='17'/></displayed>");
        assertThat(xabber("call", call("audio")))
                .isEqualTo("<message xmlns='jabber:client' from='romeo@montague.example/orchard' type='chat'>"
                        + "<propose xmlns='urn:xmpp:jingle-message:0' id='" + SID + "'>"
                        + "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose></message>");
    }

    @Test
    void xabberWithoutAKeyIsToldTheTypeAlone() {
        is(
                Objects.requireNonNull(encoder.xabber(chat("?"), device(null))).notification(),
                "<notification xmlns='https://xabber.com/protocol/push'>" + INFO.formatted("message")
                        + "</notification>");
    }

    @Test
    void xabberIsNotToldWhatItHasNoWordsFor() throws GeneralSecurityException {
        Recipient device = device(TestRecipients.xabberKey());
        assertThat(encoder.xabber(test(), device)).isNull();
        assertThat(xabber("message", end(Notice.CallEnd.Reason.RETRACT)))
                .isEqualTo("<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.example' id='1767225600000456'/>");
        assertThat(encoder.xabber(end(Notice.CallEnd.Reason.ELSEWHERE), device)).isNull();
        assertThat(encoder.xabber(
                        new Notice.Message(
                                Notice.Message.Kind.CHAT,
                                NOW,
                                ROMEO,
                                ROMEO,
                                null,
                                "?",
                                false,
                                null,
                                null,
                                1,
                                true,
                                false),
                        device))
                .isNull();
    }

    @Test
    void push2IsToldClientAndPriority() {
        is(push2(chat("?")), "<client>" + NODE + "</client><priority>normal</priority>");
        is(push2(call("audio")), "<client>" + NODE + "</client><priority>high</priority><voip/>");
        is(push2(read()), "<client>" + NODE + "</client><priority>low</priority>");
        is(push2(end(Notice.CallEnd.Reason.FINISH)), "<client>" + NODE + "</client><priority>low</priority>");
    }

    @Test
    void push2ForwardsTheStanzaToWhoGaveAKey() throws GeneralSecurityException {
        assertThat(stanza(chat("Wherefore art thou?")))
                .isEqualTo(
                        "<message xmlns='jabber:client' from='romeo@montague.example' type='chat'>"
                                + "<body>Wherefore art thou?</body>"
                                + "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.example' id='1700000000000000'/></message>");
        assertThat(stanza(encrypted()))
                .isEqualTo("<message xmlns='jabber:client' from='romeo@montague.example' type='chat'>"
                        + "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.example' id='17'/></message>");
        assertThat(stanza(message(Notice.Message.Kind.SUBSCRIPTION, ROMEO, ROMEO, null, null)))
                .isEqualTo("<presence xmlns='jabber:client' type='subscribe' from='romeo@montague.example'/>");
        assertThat(stanza(call("audio"))).contains("<propose xmlns='urn:xmpp:jingle-message:0' id='" + SID + "'>");
        Notice.Call large = new Notice.Call(
                NOW,
                NOW.plusSeconds(45),
                call().caller(),
                SID,
                List.of("audio"),
                "<propose xmlns='urn:xmpp:jingle-message:0' id='" + SID + "'><x>" + "x".repeat(8_000)
                        + "</x></propose>");
        assertThat(stanza(large)).contains("media='audio'").doesNotContain("xxx");
        assertThat(stanza(chat("<".repeat(3_000)))).contains("&lt;…</body>", "id='1700000000000000'");
        assertThat(encoder.push2(read(), device(phone.key()), null)
                        .notification()
                        .has(SCE))
                .isFalse();
    }

    private static final Name SCE = Name.of("urn:xmpp:sce:rfc8291:0", "encrypted");

    private final Phone phone = Phone.random(new SecureRandom());

    private String stanza(Notice notice) throws GeneralSecurityException {
        String payload = encoder.push2(notice, device(phone.key()), null)
                .notification()
                .requireChild(SCE)
                .requireText(Name.of("urn:xmpp:sce:rfc8291:0", "payload"));
        byte[] body = Base64.getDecoder().decode(payload);
        assertThat(body.length).isLessThanOrEqualTo(4_096);
        String envelope = new String(phone.open(body), StandardCharsets.UTF_8);
        String begin = "<envelope xmlns='urn:xmpp:sce:1'><content><forwarded xmlns='urn:xmpp:forward:0'>";
        String end = "</forwarded></content></envelope>";
        assertThat(envelope).startsWith(begin).endsWith(end);
        return envelope.substring(begin.length(), envelope.length() - end.length());
    }

    private static void is(RemotePush push, String content) {
        is(push.notification(), "<notification xmlns='urn:xmpp:push2:0'>" + content + "</notification>");
    }

    private RemotePush push2(Notice notice) {
        return encoder.push2(notice, device(null), null);
    }

    @Test
    void callIsNotWorthPublishingWhenItRingsNoMore() {
        assertThat(Objects.requireNonNull(encoder.standard(call(), device(null), 1))
                        .expires())
                .isEqualTo(NOW.plusSeconds(45));
        assertThat(Objects.requireNonNull(encoder.standard(chat("?"), device(null), 1))
                        .expires())
                .isEqualTo(NOW.plus(Duration.ofDays(28)));
    }
}
