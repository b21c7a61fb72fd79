// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StanzaTest {
    private static final Jid ROMEO = Jid.of("romeo@montague.example/orchard");
    private static final Jid JULIET = Jid.of("juliet@capulet.example");
    private static final Name PING = Name.of("urn:xmpp:ping", "ping");

    private final Message message = Message.chat(JULIET, "hi").withFrom(ROMEO).withId("m1");

    private static String xml(Stanza stanza) {
        CanonicalWriter writer = new CanonicalWriter();
        stanza.writeTo(writer);
        return new String(writer.array(), 0, writer.size(), StandardCharsets.UTF_8);
    }

    @Test
    void stanzaIsWrittenWithItsHeader() {
        assertThat(xml(message.withHeader(new Header(JULIET, ROMEO, "m1", "en"))))
                .isEqualTo(
                        "<message to='juliet@capulet.example' from='romeo@montague.example/orchard' id='m1' type='chat'"
                                + " xml:lang='en'><body>hi</body></message>");
        assertThat(xml(Presence.available(null, null))).isEqualTo("<presence/>");
        assertThat(xml(Message.of(Message.Type.NORMAL, null))).isEqualTo("<message/>");
        assertThat(xml(Iq.get(null, "1", Element.of(PING))))
                .isEqualTo("<iq id='1' type='get'><ping xmlns='urn:xmpp:ping'/></iq>");
    }

    @Test
    void additionsComeBeforeThePayloadAndLeaveItsBytesAlone() {
        Message more =
                message.adding(new StanzaId("7", JULIET).element()).adding(new Delay(Instant.EPOCH, null).element());
        assertThat(xml(more))
                .contains("><stanza-id xmlns='urn:xmpp:sid:0' id='7' by='juliet@capulet.example'/>"
                        + "<delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:00.000Z'/><body>hi</body><");
        assertThat(more.payload()).isSameAs(message.payload());
        assertThat(more.content().names()).containsExactly(StanzaId.NAME, Delay.NAME, Message.BODY);
    }

    @Test
    void errorGoesBackWithIdPayloadAndError() {
        Message error = message.error(StanzaError.serviceUnavailable());
        assertThat(xml(error))
                .isEqualTo("<message to='romeo@montague.example/orchard' from='juliet@capulet.example' id='m1'"
                        + " type='error'><body>hi</body><error type='cancel'><service-unavailable"
                        + " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        assertThat(StanzaError.of(error).condition()).isEqualTo(StanzaError.Condition.SERVICE_UNAVAILABLE);
    }

    @Test
    void largePayloadIsNotRepeatedInAnError() {
        Message error = Message.chat(JULIET, "x".repeat(1_100)).error(StanzaError.forbidden());
        assertThat(error.payload().count()).isEqualTo(1);
    }

    /** RFC 6120 section 8.3.1. */
    @Test
    void answersAreNeverAnswered() {
        Iq result = Iq.get(JULIET, "1", Element.of(PING)).result();
        for (Stanza answer : new Stanza[] {
            message.error(StanzaError.forbidden()),
            Presence.available(ROMEO, JULIET).error(StanzaError.forbidden()),
            result,
            Iq.get(JULIET, "1", Element.of(PING)).error(StanzaError.forbidden())
        }) {
            assertThat(answer.isAnswer()).isTrue();
            assertThatThrownBy(() -> answer.error(StanzaError.badRequest())).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(result::result).isInstanceOf(IllegalStateException.class);
        assertThat(message.isAnswer()).isFalse();
    }

    @Test
    void resultGoesBackWithTheSameId() {
        Iq result = Iq.set(JULIET, "1", Element.of(PING)).withFrom(ROMEO).result(Element.of(PING));
        assertThat(result.to()).isEqualTo(ROMEO);
        assertThat(result.from()).isEqualTo(JULIET);
        assertThat(result.id()).isEqualTo("1");
        assertThat(result.type()).isEqualTo(Iq.Type.RESULT);
        assertThat(result.payload().has(PING)).isTrue();
    }

    @Test
    void requestIsTheOneChild() {
        assertThat(Iq.get(JULIET, "1", Element.of(PING)).request()).isEqualTo(Element.of(PING));
        assertThatThrownBy(() -> Iq.get(JULIET, "1", Element.of(PING)).result().request())
                .isInstanceOf(StanzaException.class);
    }

    @Test
    void priorityOfPresenceIsANumber() {
        assertThat(Presence.available(null, null).priority()).isZero();
        assertThat(priority("-128").priority()).isEqualTo(-128);
        assertThat(priority(" 5 ").priority()).isEqualTo(5);
        assertThatThrownBy(() -> priority("128").priority()).isInstanceOf(StanzaException.class);
    }

    private static Presence priority(String text) {
        return Presence.available(null, null).withPayload(Payload.of(Element.of(Presence.PRIORITY, text)));
    }

    @Test
    void everyStanzaErrorIsReadAsItIsWritten() {
        for (StanzaError.Condition condition : StanzaError.Condition.values()) {
            StanzaError error = StanzaError.of(condition)
                    .withText("because")
                    .withApplication(Element.of(Name.of("urn:example", "too-many")))
                    .withType(StanzaError.Type.CONTINUE);
            assertThat(StanzaError.of(message.error(error))).isEqualTo(error);
        }
        StanzaError gone = StanzaError.gone().withUri("xmpp:a@b.example");
        assertThat(StanzaError.of(message.error(gone))).isEqualTo(gone);
        assertThat(gone.withBy(JULIET).element().attr("by")).isEqualTo("juliet@capulet.example");
    }

    @Test
    void errorWithoutKnownConditionIsUndefined() {
        Stanza strange = Message.of(Header.EMPTY, Message.Type.ERROR, Payload.EMPTY);
        assertThat(StanzaError.of(strange).condition()).isEqualTo(StanzaError.Condition.UNDEFINED_CONDITION);
    }

    @Test
    void forwardedStanzaKeepsItsBytes() {
        Element forwarded = Forwarded.of(message, new Delay(Instant.ofEpochMilli(1), JULIET));
        assertThat(forwarded)
                .hasToString("<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay'"
                        + " stamp='1970-01-01T00:00:00.001Z' from='juliet@capulet.example'/>"
                        + "<message xmlns='jabber:client' to='juliet@capulet.example' from='romeo@montague.example/orchard'"
                        + " id='m1' type='chat'><body>hi</body></message></forwarded>");
        assertThat(forwarded.first(Name.of(Ns.CLIENT, "message")).text(Message.BODY))
                .isEqualTo("hi");
    }

    @Test
    void delayIsReadAsItIsWritten() {
        Delay delay = new Delay(Instant.parse("2026-11-23T12:00:00.120Z"), JULIET);
        assertThat(Delay.parse(delay.element())).isEqualTo(delay);
        assertThat(Delay.parseTime("2026-11-23T13:00:00+01:00")).isEqualTo("2026-11-23T12:00:00Z");
        assertThat(Delay.parseTime("yesterday")).isNull();
        assertThat(Delay.format(Instant.parse("2026-11-23T12:00:00.129999Z"))).isEqualTo("2026-11-23T12:00:00.129Z");
        assertThat(Delay.parse(Element.of(Delay.NAME))).isNull();
        assertThat(Delay.parse(delay.element().attr("from", "@"))).isNull();
    }

    /** Threats S05: compared as prepared addresses, all of them. */
    @Test
    void forgedStanzaIdsAreStripped() {
        Payload payload = message.payload()
                .with(Element.of(StanzaId.NAME).attr("id", "1").attr("by", "JULIET@capulet.example"))
                .with(Element.of(StanzaId.NAME).attr("id", "2").attr("by", "room@chat.example"))
                .with(Element.of(StanzaId.NAME).attr("by", "juliet@capulet.example"))
                .with(Element.of(StanzaId.NAME).attr("id", "3").attr("by", "@"))
                .with(new StanzaId("4", JULIET).element());
        assertThat(StanzaId.find(payload, JULIET).id()).isEqualTo("1");
        Payload stripped = StanzaId.strip(payload, JULIET);
        assertThat(stripped.all(StanzaId.NAME)).extracting(id -> id.attr("id")).containsExactly("2");
        assertThat(StanzaId.find(stripped, JULIET)).isNull();
    }

    @Test
    void originIdIsFound() {
        assertThat(OriginId.find(message.payload())).isNull();
        assertThat(OriginId.find(message.payload().with(new OriginId("o1").element())))
                .isEqualTo("o1");
    }
}
