// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.net.StreamEvent.NonzaReceived;
import im.dunlin.core.net.StreamEvent.StanzaReceived;
import im.dunlin.core.net.StreamEvent.StreamOpened;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError.Condition;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The threats X01 to X18 to a stream's bytes, and what was found of the parser (A1 to A9). */
class XmlThreatsTest {

    private static void endsBoth(Condition condition, byte[] bytes) {
        assertThat(Decoding.client().send(bytes).violation()).as("whole").isEqualTo(condition);
        assertThat(Decoding.client().sendBytewise(bytes).violation())
                .as("bytewise")
                .isEqualTo(condition);
    }

    private static void endsStream(Condition condition, String... xml) {
        for (String bad : xml) {
            endsBoth(condition, (Decoding.OPEN + bad).getBytes(UTF_8));
        }
    }

    private static byte[] join(Object... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (Object part : parts) {
            if (part instanceof int[] bytes) {
                for (int b : bytes) {
                    joined.write(b);
                }
            } else {
                joined.writeBytes(((String) part).getBytes(UTF_8));
            }
        }
        return joined.toByteArray();
    }

    // ---- X01 to X04, A4: forbidden markup

    @Test
    void x01EntityExpansionIsRefusedAtTheDoctype() {
        endsBoth(
                Condition.RESTRICTED_XML,
                ("<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;'>]>"
                                + Decoding.OPEN)
                        .getBytes(UTF_8));
    }

    @Test
    void x02EntityInAnAttributeIsRefused() {
        endsStream(Condition.RESTRICTED_XML, "<message id='&a;'/>", "<message><body>&nbsp;</body></message>");
    }

    @Test
    void x03ExternalEntityIsRefused() {
        endsBoth(
                Condition.RESTRICTED_XML, ("<!DOCTYPE r SYSTEM 'file:///etc/passwd'>" + Decoding.OPEN).getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!-- x -->",
                "<?x y?>",
                "<!DOCTYPE x>",
                "<message><!-- x --></message>",
                "<message><?x y?></message>",
                "<message><!DOCTYPE x></message>",
                "<message><body><!-- x --></body></message>",
                "<message><body>x<?x y?></body></message>",
                "<?xml version='1.0'?>",
                "<message><?xml version='1.0'?></message>",
                "<xml:x/>",
                "<message><xml:x/></message>",
                "<message><body xmlns='urn:x'><xml:x>y</xml:x></body></message>",
            })
    void x04MarkupThatXmppForbidsIsRefusedEverywhere(String xml) {
        endsStream(Condition.RESTRICTED_XML, xml);
    }

    @Test
    void x04InstructionIsRefusedWhereverItIsCut() {
        String instruction = "<?xml" + "m".repeat(300) + "?>";
        assertThat(Decoding.client().send(instruction).violation()).isEqualTo(Condition.RESTRICTED_XML);
        assertThat(Decoding.client().sendBytewise(instruction.getBytes(UTF_8)).violation())
                .isEqualTo(Condition.RESTRICTED_XML);
    }

    @Test
    void x04MarkupThatXmppForbidsIsRefusedBeforeTheStream() {
        for (String xml : new String[] {"<!-- x -->", "<?x y?>", "<?xml version='1.0'?><?xml version='1.0'?>"}) {
            endsBoth(Condition.RESTRICTED_XML, (xml + Decoding.OPEN).getBytes(UTF_8));
        }
    }

    // ---- X05, X07, A1 to A3, A8: characters

    static List<int[]> wrongUtf8() {
        return List.of(
                new int[] {0xC0, 0xBC},
                new int[] {0xC0, 0x80},
                new int[] {0xC1, 0xBF},
                new int[] {0xE0, 0x80, 0xBC},
                new int[] {0xE0, 0x9F, 0xBF},
                new int[] {0xF0, 0x80, 0x80, 0xBC},
                new int[] {0xF0, 0x8F, 0xBF, 0xBF},
                new int[] {0xED, 0xA0, 0x80},
                new int[] {0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80},
                new int[] {0xED, 0xBF, 0xBF},
                new int[] {0xF4, 0x90, 0x80, 0x80},
                new int[] {0xF5, 0x80, 0x80, 0x80},
                new int[] {0xF8, 0x88, 0x80, 0x80, 0x80},
                new int[] {0xFF},
                new int[] {0xFE},
                new int[] {0x80},
                new int[] {0xBF},
                new int[] {0xC3},
                new int[] {0xE2, 0x82},
                new int[] {0xF0, 0x9F, 0x98},
                new int[] {0xEF, 0xBF, 0xBE},
                new int[] {0xEF, 0xBF, 0xBF},
                new int[] {0x00},
                new int[] {0x0B},
                new int[] {0x1F});
    }

    @ParameterizedTest
    @MethodSource("wrongUtf8")
    void x07WhatIsNoCharacterIsRefusedEverywhere(int[] wrong) {
        endsBoth(Condition.NOT_WELL_FORMED, join(Decoding.OPEN, "<message><body>a", wrong, "b</body></message>"));
        endsBoth(Condition.NOT_WELL_FORMED, join(Decoding.OPEN, "<message id='a", wrong, "b'/>"));
        endsBoth(Condition.NOT_WELL_FORMED, join(Decoding.OPEN, "<message xmlns:a='urn:", wrong, "'/>"));
        endsBoth(Condition.NOT_WELL_FORMED, join(Decoding.OPEN, "<message><a", wrong, "/></message>"));
        endsBoth(Condition.NOT_WELL_FORMED, join(Decoding.OPEN, "<message><![CDATA[", wrong, "]]></message>"));
        endsBoth(Condition.NOT_WELL_FORMED, join(Decoding.OPEN, wrong, "<message/>"));
    }

    @Test
    void x05LeadByteBeforeTheEndOfATagSmugglesNothing() {
        byte[] bytes =
                join(Decoding.OPEN, "<message><x", new int[] {0xC3}, ">&lt;/message><message><body>x</body></message>");
        assertThat(Decoding.client().send(bytes).events).hasSize(2).noneMatch(StanzaReceived.class::isInstance);
        endsBoth(Condition.NOT_WELL_FORMED, bytes);
    }

    /** A1: Aalto corrupts these when they are cut. */
    @Test
    void charactersCutBetweenReadsArriveWhole() {
        String face = "xx\uD83D\uDE00yy€ä";
        byte[] stanza = ("<message id='" + face + "'><x xmlns='urn:" + face + "' a='" + face + "'>" + face
                        + "</x></message>")
                .getBytes(UTF_8);
        Stanza whole = Decoding.opened().send(stanza).stanza();
        assertThat(whole.id()).isEqualTo(face);
        Element x = whole.payload().children().get(0);
        assertThat(List.of(x.name().namespace(), x.attr("a"), x.text())).containsExactly("urn:" + face, face, face);
        assertThat(Decoding.opened().sendBytewise(stanza).stanza()).isEqualTo(whole);
    }

    /** A3, A5, A9. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<message><body>&#0;</body></message>",
                "<message><body>&#x1F;</body></message>",
                "<message><body>&#xD83D;</body></message>",
                "<message><body>&#x110000;</body></message>",
                "<message><body>&#xFFFF;</body></message>",
                "<message id='&#0;'/>",
                "<message id='&#xD83D;'/>",
                "<message><body>]]></body></message>",
                "<message><body>]]&gt;]]]></body></message>",
                "<message xmlns:p=''/>",
                "<message xmlns:=''/>",
                "<message p:='1' xmlns:p='urn:p'/>",
                "<message :a='1'/>",
                "<message><:a/></message>",
                "<message p:1='1' xmlns:p='urn:p'/>",
                "<message><p:1 xmlns:p='urn:p'/></message>",
                "<message><a:b:c xmlns:a='urn:a'/></message>",
                "<message xmlns:xml='urn:x'/>",
                "<message xmlns:x='http://www.w3.org/XML/1998/namespace'/>",
                "<message xmlns:x='http://www.w3.org/2000/xmlns/'/>",
                "<message><a xmlns='http://www.w3.org/2000/xmlns/'/></message>",
                "<message xmlns:xmlns='urn:x'/>",
                "<message id='a' id='b'/>",
                "<message><a xmlns:p='urn:p' xmlns:q='urn:p' p:a='' q:a=''/></message>",
                "<p:message/>",
                "<message p:a=''/>",
                "<message id=a/>",
                "<message id/>",
                "<message id='<'/>",
                "<message id='a'type='b'/>",
                "<message></presence>",
                "<message><a></b></message>",
                "</message>",
                "<message/ >",
                "< message/>",
                "<1/>",
                "<message><body>&;</body></message>",
                "<message><body>& </body></message>",
                "<message><body>&#;</body></message>",
                "<message><body>&#x;</body></message>",
                "<message id='&#x;0;'/>",
                "<message><body>&#a;</body></message>",
                "<message><![CDATAX[x]]></message>",
            })
    void whatIsNotWellFormedIsRefusedAtOnce(String xml) {
        endsStream(Condition.NOT_WELL_FORMED, xml);
    }

    @Test
    void namesOutsideTheBasicPlaneAreRefused() {
        endsStream(Condition.NOT_WELL_FORMED, "<message><\uD800\uDC00/></message>");
    }

    // ---- X06: names are pairs

    @Test
    void x06NamespaceIsNeverJoinedWithTheName() {
        for (String separator : new String[] {"|", " ", "}", "\\", "&#10;", ">"}) {
            var decoding = Decoding.opened()
                    .send("<x:ssage xmlns:x='jabber:client" + separator + "me' id='1'><body>hi</body></x:ssage>");
            Element nonza = ((NonzaReceived) decoding.last()).element();
            assertThat(nonza.name().local()).isEqualTo("ssage");
            assertThat(nonza.name().namespace()).isEqualTo("jabber:client" + separator.replace("&#10;", "\n") + "me");
        }
    }

    // ---- X08: encodings

    @Test
    void x08OtherEncodingsAreRefused() {
        endsBoth(Condition.UNSUPPORTED_ENCODING, Decoding.OPEN.getBytes(UTF_16));
        endsBoth(Condition.UNSUPPORTED_ENCODING, Decoding.OPEN.getBytes(UTF_16LE));
        endsBoth(
                Condition.UNSUPPORTED_ENCODING,
                ("<?xml version='1.0' encoding='ISO-8859-1'?>" + Decoding.OPEN).getBytes(ISO_8859_1));
        endsBoth(
                Condition.UNSUPPORTED_ENCODING,
                ("<?xml version=\"1.0\" encoding=\"utf-16\" standalone='yes'?>" + Decoding.OPEN).getBytes(UTF_8));
        endsBoth(Condition.BAD_FORMAT, ("<?xml version='1.1'?>" + Decoding.OPEN).getBytes(UTF_8));
        endsBoth(Condition.NOT_WELL_FORMED, ("<?xml encoding='UTF-8'?>" + Decoding.OPEN).getBytes(UTF_8));
        endsBoth(Condition.NOT_WELL_FORMED, ("<?xml " + " ".repeat(1000)).getBytes(UTF_8));
    }

    @Test
    void byteOrderMarkOfUtf8IsSteppedOver() {
        byte[] bytes =
                ("\uFEFF<?xml version='1.0' encoding='utf-8' standalone='no' ?>" + Decoding.OPEN).getBytes(UTF_8);
        assertThat(Decoding.client().send(bytes).last()).isInstanceOf(StreamOpened.class);
        assertThat(Decoding.client().sendBytewise(bytes).last()).isInstanceOf(StreamOpened.class);
    }

    // ---- X09 to X12: sizes

    @Test
    void x09DepthIsBounded() {
        String most = "<message>" + "<a>".repeat(63) + "</a>".repeat(63) + "</message>";
        assertThat(Decoding.opened().send(most).stanza().payload().children()).hasSize(1);
        endsStream(Condition.POLICY_VIOLATION, "<message>" + "<a>".repeat(64), "<message>" + "<a>".repeat(5_000));
    }

    @Test
    void x10AttributesAndDeclarationsAreBounded() {
        assertThat(Decoding.opened()
                        .send("<message>" + tag(64, 32) + "</message>")
                        .stanza())
                .isNotNull();
        endsStream(
                Condition.POLICY_VIOLATION,
                "<message>" + tag(65, 0) + "</message>",
                "<message>" + tag(0, 33) + "</message>",
                tag(65, 0),
                tag(0, 33),
                tag(1_500, 0),
                "<message a='" + "x".repeat(20_000));
        endsBoth(
                Condition.POLICY_VIOLATION,
                Decoding.OPEN.replace(">", " a='" + "x".repeat(20_000)).getBytes(UTF_8));
    }

    private static String tag(int attributes, int declarations) {
        StringBuilder tag = new StringBuilder("<message");
        for (int i = 0; i < attributes; i++) {
            tag.append(" a").append(i).append("='1'");
        }
        for (int i = 0; i < declarations; i++) {
            tag.append(" xmlns:a").append(i).append("='urn:x'");
        }
        return tag.append("/>").toString();
    }

    /** A6: ten thousand declarations would take the parser seconds; it never sees them. */
    @Test
    void x10BombIsNotParsed() {
        Decoding decoding = Decoding.opened();
        byte[] bomb = tag(0, 8_000).getBytes(UTF_8);
        decoding.send(java.util.Arrays.copyOf(bomb, 4_000));
        assertThat(decoding.violation()).isEqualTo(Condition.POLICY_VIOLATION);
    }

    @Test
    void x11StanzaIsBoundedWhileItArrives() {
        DecoderLimits limits = DecoderLimits.BEFORE_AUTHENTICATION;
        Decoding decoding = Decoding.opened(limits).send("<message><body>");
        int sent = 0;
        while (decoding.violation() == null) {
            decoding.send("x".repeat(100));
            sent += 100;
            assertThat(sent).isLessThan(limits.stanzaBytes() + 100);
        }
        assertThat(decoding.violation()).isEqualTo(Condition.POLICY_VIOLATION);
    }

    @Test
    void x11StanzaOfExactlyTheLimitPasses() {
        int limit = DecoderLimits.CLIENT.stanzaBytes();
        String frame = "<message><body></body></message>";
        String most = frame.replace("<body>", "<body>" + "x".repeat(limit - frame.length()));
        assertThat(Decoding.opened().send(most).violation()).isNull();
        endsStream(Condition.POLICY_VIOLATION, most.replace("</body>", "x</body>"));
    }

    @Test
    void elementsOfAStanzaAreBounded() {
        int limit = DecoderLimits.CLIENT.elements();
        assertThat(Decoding.opened()
                        .send("<message>" + "<a/>".repeat(limit - 1) + "</message>")
                        .stanza())
                .isNotNull();
        endsStream(Condition.POLICY_VIOLATION, "<message>" + "<a/>".repeat(limit) + "</message>");
    }

    /** Canonical form repeats a namespace that the peer declared once: that must not amplify (ADR 0006). */
    @Test
    void canonicalSizeIsBounded() {
        String namespace = "urn:" + "x".repeat(250);
        String child = "<x:a/>".repeat(1_900);
        endsStream(Condition.POLICY_VIOLATION, "<message xmlns:x='" + namespace + "'>" + child + "</message>");
        endsStream(Condition.POLICY_VIOLATION, "<message><body>" + ">".repeat(100_000) + "</body></message>");
    }

    @Test
    void namesAndNamespacesAreBounded() {
        assertThat(Decoding.opened()
                        .send("<message><" + "a".repeat(512) + " xmlns='" + "u".repeat(256) + "'/></message>")
                        .stanza())
                .isNotNull();
        endsStream(
                Condition.POLICY_VIOLATION,
                "<message><" + "a".repeat(513) + "/></message>",
                "<message><a " + "a".repeat(513) + "=''/></message>",
                "<message><" + "ä".repeat(257) + "/></message>",
                "<message><a xmlns='" + "u".repeat(257) + "'/></message>");
    }

    @Test
    void x12WhiteSpaceBetweenStanzasIsBoundedBeforeAuthentication() {
        DecoderLimits limits = DecoderLimits.BEFORE_AUTHENTICATION;
        assertThat(Decoding.opened(limits).send(" ".repeat(5_000)).violation()).isEqualTo(Condition.POLICY_VIOLATION);
        assertThat(new Decoding(Ns.CLIENT, limits).send(" ".repeat(5_000)).violation())
                .isEqualTo(Condition.POLICY_VIOLATION);
        assertThat(Decoding.opened(limits).send(" ".repeat(3_000)).violation()).isNull();
    }

    // ---- A7, settled point 16: names

    @Test
    void manyNamesInOneStanzaEndTheStream() {
        DecoderLimits limits = DecoderLimits.SERVER;
        StringBuilder names = new StringBuilder("<message>");
        for (int i = 0; i < 1_200; i++) {
            names.append("<name").append(i).append("/>");
        }
        assertThat(Decoding.opened(limits).send(names + "</message>").violation())
                .isEqualTo(Condition.POLICY_VIOLATION);
    }

    @Test
    void manyNamesInManyStanzasAreForgotten() {
        Decoding decoding = Decoding.opened();
        for (int i = 0; i < 20_000; i++) {
            decoding.send("<message><n" + i + "/></message>");
        }
        assertThat(decoding.events).hasSize(20_000).allMatch(StanzaReceived.class::isInstance);
        assertThat(decoding.decoder.inventedNames()).isLessThan(1_000);
        // Nor does another stream begin with them.
        assertThat(Decoding.opened().decoder.inventedNames()).isZero();
    }

    // ---- X14: what is written is what was read

    @Test
    void x14TextAndAttributesSurviveUnchanged() {
        String nasty = "\t\n\r'\"<>&]]>\u00A0\u2028\uD83D\uDE00";
        Message message = Message.chat(null, nasty).withId(nasty);
        ByteBuf out = Unpooled.buffer();
        new StanzaWriter(Ns.CLIENT).stanza(out, message);
        Stanza read = Decoding.opened()
                .send(io.netty.buffer.ByteBufUtil.getBytes(out))
                .stanza();
        out.release();
        assertThat(read).isEqualTo(message);
    }

    // ---- X15: namespaces of stanzas

    @Test
    void x15StanzasOfOtherNamespacesAreNotStanzas() {
        endsStream(
                Condition.INVALID_NAMESPACE,
                "<message xmlns='jabber:server'/>",
                "<iq xmlns='jabber:server' type='get' id='1'/>");
        endsStream(Condition.UNSUPPORTED_STANZA_TYPE, "<foo/>", "<Message/>", "<msg/>");
        assertThat(Decoding.opened().send("<message xmlns='urn:x'/>").last()).isInstanceOf(NonzaReceived.class);
        assertThat(Decoding.opened().send("<foo xmlns='urn:x'/>").last()).isInstanceOf(NonzaReceived.class);
    }

    @Test
    void x15PrefixesDoNotMakeAStanza() {
        var decoding = Decoding.opened().send("<x:message xmlns:x='urn:x' xmlns='jabber:client'/>");
        assertThat(decoding.last()).isInstanceOf(NonzaReceived.class);
        decoding.send("<x:message xmlns:x='jabber:client'/>");
        assertThat(decoding.last()).isInstanceOf(StanzaReceived.class);
    }

    // ---- X16: the stream header

    @Test
    void x16LongHeaderAttributesAreRefused() {
        for (String attribute : new String[] {"to", "from", "id", "xml:lang", "version"}) {
            String header = Decoding.OPEN
                    .replace(" to='capulet.example' version='1.0'", "")
                    .replace(">", " " + attribute + "='" + "x".repeat(3_072) + "'>");
            endsBoth(Condition.IMPROPER_ADDRESSING, header.getBytes(UTF_8));
        }
    }

    @Test
    void x16ReflectedHeaderAttributesAreEscaped() {
        String nasty = "'\"><&\t";
        ByteBuf out = Unpooled.buffer();
        new StanzaWriter(Ns.CLIENT).header(out, null, null, nasty, "en");
        var decoding = Decoding.client().send(io.netty.buffer.ByteBufUtil.getBytes(out));
        out.release();
        assertThat(((StreamOpened) decoding.last()).id()).isEqualTo(nasty);
        assertThat(((StreamOpened) decoding.last()).lang()).isEqualTo("en");
    }

    // ---- X18: other protocols

    @Test
    void x18HttpIsRefusedAtItsFirstByte() {
        assertThat(Decoding.client().send("G").violation()).isEqualTo(Condition.NOT_WELL_FORMED);
        endsBoth(Condition.NOT_WELL_FORMED, "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(UTF_8));
        endsBoth(Condition.NOT_WELL_FORMED, new byte[] {0x16, 0x03, 0x01, 0x02, 0x00});
    }

    @Test
    void textBetweenStanzasIsRefused() {
        endsStream(Condition.BAD_FORMAT, "x", "<message/>x", "<![CDATA[x]]>", "&#32;", "&amp;");
    }

    // ---- A8

    @Test
    void faultInTextEndsTheStreamAndNotTheLoop() {
        Decoding healthy = Decoding.opened();
        List<Object> violations = new ArrayList<>();
        for (String bad : new String[] {"&#xD83D;", "&#0;", "]]>"}) {
            violations.add(Decoding.opened().send("<message><body>" + bad).violation());
            healthy.send("<presence/>");
        }
        assertThat(violations).doesNotContainNull();
        assertThat(healthy.events).hasSize(3);
    }
}
