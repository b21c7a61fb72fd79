// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.net.StreamEvent.MalformedStanza;
import im.dunlin.core.net.StreamEvent.NonzaReceived;
import im.dunlin.core.net.StreamEvent.StanzaReceived;
import im.dunlin.core.net.StreamEvent.StreamClosed;
import im.dunlin.core.net.StreamEvent.StreamOpened;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.StreamError.Condition;
import im.dunlin.core.xml.Ns;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class XmlStreamDecoderTest {

    // ---- streams

    @Test
    void streamHeaderIsEmitted() {
        var decoding = Decoding.client()
                .send("<?xml version='1.0'?><stream:stream from='juliet@capulet.example' to='Capulet.example'"
                        + " version='1.0' id='s1' xml:lang='de' xmlns='jabber:client'"
                        + " xmlns:stream='http://etherx.jabber.org/streams'>");
        assertThat(decoding.events)
                .containsExactly(new StreamOpened(
                        Jid.of("capulet.example"), Jid.of("juliet@capulet.example"), "1.0", "s1", "de", Ns.CLIENT));
    }

    @Test
    void contentNamespaceMayBeDeclaredByEachStanza() {
        var decoding = Decoding.client()
                .send("<stream xmlns='http://etherx.jabber.org/streams' to='capulet.example' version='1.0'>"
                        + "<message xmlns='jabber:client'><body>hi</body></message>");
        assertThat(decoding.stanza().payload()).hasToString("Payload[{jabber:client}body](15 bytes)");
    }

    @Test
    void endOfStreamIsEmittedAndNothingAfterIt() {
        var decoding = Decoding.opened().send("</stream:stream><message/>").send("<message/>");
        assertThat(decoding.events).containsExactly(new StreamClosed());
    }

    @Test
    void streamMayBeEmpty() {
        var decoding = Decoding.client().send(Decoding.OPEN.replace(">", "/>"));
        assertThat(decoding.events).hasSize(2).last().isEqualTo(new StreamClosed());
    }

    @Test
    void whiteSpaceBeforeTheStreamIsAllowed() {
        assertThat(Decoding.client()
                        .send("\n <?xml version='1.0' encoding='utf-8'?>\n" + Decoding.OPEN)
                        .last())
                .isInstanceOf(StreamOpened.class);
    }

    @Test
    void otherStreamNamespaceIsRefused() {
        assertThat(Decoding.client()
                        .send("<stream:stream xmlns='jabber:client' xmlns:stream='http://example.org/'>")
                        .violation())
                .isEqualTo(Condition.INVALID_NAMESPACE);
    }

    @Test
    void otherContentNamespaceIsRefused() {
        assertThat(Decoding.client()
                        .send(Decoding.OPEN.replace("jabber:client", "jabber:server"))
                        .violation())
                .isEqualTo(Condition.INVALID_NAMESPACE);
    }

    @Test
    void otherRootElementIsRefused() {
        assertThat(Decoding.client()
                        .send("<stream:steam xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")
                        .violation())
                .isEqualTo(Condition.BAD_FORMAT);
    }

    @Test
    void malformedAddressOfStreamIsRefused() {
        assertThat(Decoding.client()
                        .send(Decoding.OPEN.replace("capulet.example", "a@b@c"))
                        .violation())
                .isEqualTo(Condition.IMPROPER_ADDRESSING);
    }

    @Test
    void violationIsEmittedOnceAndNothingAfterIt() {
        var decoding = Decoding.opened().send("<!-- --><message/>").send("<message/><!-- -->");
        assertThat(decoding.events).hasSize(1);
        assertThat(decoding.violation()).isEqualTo(Condition.RESTRICTED_XML);
    }

    @Test
    void stanzasBeforeAViolationInTheSameReadAreEmitted() {
        var decoding = Decoding.opened().send("<presence/><presence/><!-- -->");
        assertThat(decoding.events).hasSize(3);
    }

    // ---- stanzas

    @Test
    void messageHasHeaderAndCanonicalPayload() {
        var decoding = Decoding.opened()
                .send("<message to='Romeo@montague.example' from='juliet@capulet.example/balcony' id=\"m1\""
                        + " type='chat' xmlns:x='urn:example:x'> <body >O &quot;Romeo&quot; <![CDATA[<&>]]></body>"
                        + "<x:y a='1' x:b='2'><x:z></x:z></x:y> </message>");
        Message message = (Message) decoding.stanza();
        assertThat(message.to()).isEqualTo(Jid.of("romeo@montague.example"));
        assertThat(message.from()).isEqualTo(Jid.of("juliet@capulet.example/balcony"));
        assertThat(message.id()).isEqualTo("m1");
        assertThat(message.type()).isEqualTo(Message.Type.CHAT);
        assertThat(new String(message.payload().bytes(), StandardCharsets.UTF_8))
                .isEqualTo("<body>O \"Romeo\" &lt;&amp;&gt;</body>"
                        + "<y xmlns='urn:example:x' a='1' xmlns:x='urn:example:x' x:b='2'><z/></y>");
    }

    @Test
    void sizeIsThatOfTheReceivedBytes() {
        var decoding = Decoding.opened().send("  <message ><body/></message>");
        assertThat(((StanzaReceived) decoding.last()).size()).isEqualTo("<message ><body/></message>".length());
    }

    @Test
    void languageOfTheStreamIsInherited() {
        var decoding = Decoding.client()
                .send(Decoding.OPEN.replace(">", " xml:lang='en'>"))
                .send("<message/>");
        assertThat(decoding.stanza().lang()).isEqualTo("en");
        assertThat(decoding.send("<message xml:lang='fr'/>").stanza().lang()).isEqualTo("fr");
        assertThat(decoding.send("<message xml:lang=''/>").stanza().lang()).isNull();
    }

    @Test
    void whatIsNoLanguageTagIsNotInherited() {
        var decoding = Decoding.client()
                .send(Decoding.OPEN.replace(">", " xml:lang='" + "e".repeat(1000) + "'>"))
                .send("<message/>");
        assertThat(decoding.stanza().lang()).isNull();
    }

    @Test
    void unknownTypeOfMessageIsNormal() {
        assertThat(((Message) Decoding.opened().send("<message type='x'/>").stanza()).type())
                .isEqualTo(Message.Type.NORMAL);
    }

    @Test
    void serverStreamGivesTheSamePayload() {
        var decoding = new Decoding(Ns.SERVER, DecoderLimits.SERVER)
                .send(Decoding.OPEN.replace("jabber:client", "jabber:server"))
                .send("<message><body>hi</body><forwarded xmlns='urn:xmpp:forward:0'>"
                        + "<message xmlns='jabber:client'><body>ho</body></message></forwarded></message>");
        assertThat(new String(decoding.stanza().payload().bytes(), StandardCharsets.UTF_8))
                .isEqualTo("<body>hi</body><forwarded xmlns='urn:xmpp:forward:0'>"
                        + "<message xmlns='jabber:client'><body>ho</body></message></forwarded>");
    }

    @Test
    void serverNamespaceInsideAStanzaIsTheClientNamespace() {
        var decoding = Decoding.opened().send("<message><body xmlns='jabber:server'>hi</body></message>");
        assertThat(decoding.stanza().payload().has(Message.BODY)).isTrue();
    }

    @Test
    void malformedRecipientIsReportedWithWhatAnAnswerNeeds() {
        var decoding = Decoding.opened().send("<message to='a@b@c' id='m1'><body>hi</body></message><presence/>");
        MalformedStanza malformed = (MalformedStanza) decoding.events.get(0);
        assertThat(malformed.kind()).isEqualTo("message");
        assertThat(malformed.id()).isEqualTo("m1");
        assertThat(malformed.error().condition()).isEqualTo(StanzaError.Condition.JID_MALFORMED);
        assertThat(malformed.answer()).isInstanceOf(Message.class);
        assertThat(decoding.stanza()).isInstanceOf(Presence.class);
    }

    @Test
    void malformedErrorIsNotAnswered() {
        var decoding = Decoding.opened().send("<message to='a@b@c' type='error'/>");
        assertThat(((MalformedStanza) decoding.last()).answer()).isNull();
        decoding.send("<iq id='1' type='result'><a/><b/></iq>");
        assertThat(((MalformedStanza) decoding.last()).answer()).isNull();
    }

    @Test
    void iqWithoutIdTypeOrOneChildIsABadRequest() {
        for (String iq : new String[] {
            "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
            "<iq id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
            "<iq id='1' type='x'><ping xmlns='urn:xmpp:ping'/></iq>",
            "<iq id='1' type='get'/>",
            "<iq id='1' type='set'><a/><b/></iq>"
        }) {
            MalformedStanza malformed =
                    (MalformedStanza) Decoding.opened().send(iq).last();
            assertThat(malformed.error().condition()).as(iq).isEqualTo(StanzaError.Condition.BAD_REQUEST);
            assertThat(malformed.answer()).as(iq).isInstanceOf(Iq.class);
        }
    }

    @Test
    void unknownTypeOfPresenceIsABadRequest() {
        assertThat(((MalformedStanza)
                                Decoding.opened().send("<presence type='x'/>").last())
                        .answer())
                .isInstanceOf(Presence.class);
    }

    @Test
    void idOverItsLimitIsABadRequestAndNotRepeated() {
        var decoding = Decoding.opened().send("<message id='" + "x".repeat(1025) + "'/>");
        assertThat(((MalformedStanza) decoding.last()).id()).isNull();
    }

    @Test
    void otherElementOfContentNamespaceIsUnsupported() {
        assertThat(Decoding.opened().send("<foo/>").violation()).isEqualTo(Condition.UNSUPPORTED_STANZA_TYPE);
    }

    @Test
    void otherElementAtTheTopIsANonza() {
        var decoding = Decoding.opened()
                .send("<r xmlns='urn:xmpp:sm:3'/><auth xmlns='" + Ns.SASL + "' mechanism='PLAIN'>AGE=</auth>");
        assertThat(decoding.events).hasSize(2).allMatch(NonzaReceived.class::isInstance);
        assertThat(((NonzaReceived) decoding.last()).element().attr("mechanism"))
                .isEqualTo("PLAIN");
        assertThat(((NonzaReceived) decoding.last()).element().text()).isEqualTo("AGE=");
    }

    // ---- pause, restart

    @Test
    void pausedDecoderKeepsBytesForTheSameStream() {
        var decoding = Decoding.opened();
        decoding.decoder.pause();
        decoding.send("<presence/>").send("<pres");
        assertThat(decoding.events).isEmpty();
        decoding.decoder.resume();
        decoding.collect();
        assertThat(decoding.events).hasSize(1);
        decoding.send("ence/>");
        assertThat(decoding.events).hasSize(2);
    }

    @Test
    void bytesPipelinedBehindSaslAreReadByTheNewStream() {
        var decoding = Decoding.opened();
        decoding.channel.pipeline().addLast(new PauseAfterNonza(decoding.decoder));
        decoding.send("<auth xmlns='" + Ns.SASL + "' mechanism='PLAIN'/><?xml version='1.0'?>" + Decoding.OPEN
                + "<presence/>");
        assertThat(decoding.events).hasSize(1);
        decoding.decoder.restart();
        decoding.collect();
        assertThat(decoding.events).hasSize(3);
        assertThat(decoding.events.get(1)).isInstanceOf(StreamOpened.class);
    }

    @Test
    void bytesBehindStarttlsAreSeenAsLeftover() {
        var decoding = Decoding.opened();
        var handler = new PauseAfterNonza(decoding.decoder);
        decoding.channel.pipeline().addLast(handler);
        decoding.send("<starttls xmlns='" + Ns.TLS + "'/>");
        assertThat(handler.sawLeftover).isFalse();
        assertThat(decoding.decoder.hasLeftover()).isFalse();
        decoding.decoder.resume();
        decoding.send("<starttls xmlns='" + Ns.TLS + "'/><message/>");
        assertThat(handler.sawLeftover).isTrue();
        assertThat(decoding.decoder.hasLeftover()).isTrue();
    }

    @Test
    void bytesSentAheadAreBounded() {
        var decoding = Decoding.opened(DecoderLimits.BEFORE_AUTHENTICATION);
        decoding.decoder.pause();
        decoding.send("<message/>".repeat(2000));
        assertThat(decoding.violation()).isEqualTo(Condition.POLICY_VIOLATION);
    }

    @Test
    void restartForgetsTheLanguageOfTheOldStream() {
        var decoding = Decoding.client().send(Decoding.OPEN.replace(">", " xml:lang='en'>"));
        decoding.decoder.restart();
        decoding.send(Decoding.OPEN).send("<message/>");
        assertThat(decoding.stanza().lang()).isNull();
    }

    @Test
    void limitsCanBeRaisedAfterAuthentication() {
        String large = "<message><body>" + "x".repeat(100_000) + "</body></message>";
        assertThat(Decoding.opened(DecoderLimits.BEFORE_AUTHENTICATION)
                        .send(large)
                        .violation())
                .isEqualTo(Condition.POLICY_VIOLATION);
        var decoding = Decoding.opened(DecoderLimits.BEFORE_AUTHENTICATION);
        decoding.decoder.limits(DecoderLimits.CLIENT);
        assertThat(decoding.send(large).stanza().payload().size()).isEqualTo(100_013);
    }

    @Test
    void unfinishedElementIsVisible() {
        var decoding = Decoding.opened();
        assertThat(decoding.decoder.isInsideElement()).isFalse();
        decoding.send("<message>");
        assertThat(decoding.decoder.isInsideElement()).isTrue();
        decoding.send("</message> ");
        assertThat(decoding.decoder.isInsideElement()).isFalse();
    }

    @Test
    void freshReaderKeepsTheNamespacesOfTheStream() {
        var decoding = Decoding.client()
                .send("<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams'"
                        + " xmlns:d='urn:x:&amp;&lt;&apos;'>");
        for (int i = 0; i < 5; i++) {
            StringBuilder names = new StringBuilder("<message>");
            for (int j = 0; j < 600; j++) {
                names.append("<n").append(i).append('x').append(j).append("/>");
            }
            decoding.send(names + "</message>");
            assertThat(decoding.violation()).isNull();
        }
        decoding.send("<d:hello/>");
        assertThat(((NonzaReceived) decoding.last()).element().name().namespace())
                .isEqualTo("urn:x:&<'");
        decoding.send("</s:stream>");
        assertThat(decoding.last()).isEqualTo(new StreamClosed());
    }
}
