// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalFormTest {
    private static final Name ITEM = Name.of("urn:example", "item");
    private static final Name BODY = Name.of(Ns.CLIENT, "body");

    @Test
    void namespaceOfThePayloadIsLeftOff() {
        assertThat(Element.of(BODY, "hi")).hasToString("<body>hi</body>");
    }

    @Test
    void namespaceIsDeclaredWhereItChanges() {
        Element element = Element.of(ITEM)
                .child(Element.of(Name.of("urn:example", "a")).child(Element.of(BODY)))
                .child(Element.of(Name.of("", "b")));
        assertThat(element)
                .hasToString("<item xmlns='urn:example'><a><body xmlns='jabber:client'/></a><b xmlns=''/></item>");
    }

    @Test
    void attributesKeepPrefixesDeclaredBesideThem() {
        Element element = Element.builder(BODY)
                .lang("en")
                .attr("x", Name.of("http://www.w3.org/1999/xlink", "href"), "a")
                .attr("x", Name.of("http://www.w3.org/1999/xlink", "type"), "b")
                .attr("c", "d")
                .build();
        assertThat(element)
                .hasToString(
                        "<body xml:lang='en' xmlns:x='http://www.w3.org/1999/xlink' x:href='a' x:type='b' c='d'/>");
    }

    /** Threats X14: the receiver reads exactly what was sent. */
    @Test
    void everythingThatAReaderWouldChangeIsEscaped() {
        String text = "\t\n\r'\"<>&]]>";
        assertThat(Element.of(BODY, text).attr("a", text))
                .hasToString("<body a='&#9;&#10;&#13;&apos;\"&lt;&gt;&amp;]]&gt;'>"
                        + "\t\n&#13;'\"&lt;&gt;&amp;]]&gt;</body>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000", "\u0008", "\u001F", "\uD800", "\uDC00", "a\uD83Db", "\uFFFE", "\uFFFF"})
    void whatXmlCannotCarryIsRefused(String text) {
        assertThatThrownBy(() -> Element.of(BODY, text).toString()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Element.of(BODY).attr("a", text).toString())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void textMayComeInPiecesThatCutACharacter() {
        char[] face = "\uD83D\uDE00".toCharArray();
        Payload payload = new CanonicalWriter()
                .start(BODY)
                .text(face, 0, 1)
                .text(face, 1, 1)
                .end()
                .toPayload();
        assertThat(payload.text(BODY)).isEqualTo("\uD83D\uDE00");
    }

    @Test
    void prefixCannotStandForTwoNamespaces() {
        Element element = Element.builder(BODY)
                .attr("x", Name.of("urn:a", "a"), "")
                .attr("x", Name.of("urn:b", "b"), "")
                .build();
        assertThatThrownBy(element::toString).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<body/>",
                "<body>x</body>",
                "<body> \t\n'\"&amp;&lt;&gt;&#13;</body>",
                "<a b='&#9;&#10;&#13;&apos;&amp;&lt;&gt;\"'/>",
                "<a xmlns='' b='c'>d<e/>f</a>",
                "<a xmlns:p='urn:p' p:b='' xmlns:q='urn:q' q:c='' p:d='' xml:lang='en'/>",
                "<ä ö='ü'>\uD83D\uDE00</ä>",
            })
    void canonicalFormIsReadAndWrittenByteForByte(String xml) {
        assertThat(Element.parse(xml.getBytes(UTF_8))).hasToString(xml).isEqualTo(Xml.element(xml));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "x",
                "<",
                "<a",
                "<a>",
                "<a/",
                "</a>",
                "<a></a>",
                "<a/> ",
                "<a/><b/>",
                "<a>x</b>",
                "<a>x</aa>",
                "<a>x</a",
                "<a >x</a>",
                "<a />",
                "<a>x</a >",
                "<a b=\"c\"/>",
                "<a  b='c'/>",
                "<a b ='c'/>",
                "<a b='c'c='d'/>",
                "<a b='c' b='d'/>",
                "<a b='<'/>",
                "<a b='>'/>",
                "<a b='\t'/>",
                "<a b='&quot;'/>",
                "<a b='&#x9;'/>",
                "<a b/>",
                "<a b=''",
                "<1/>",
                "<a:b/>",
                "<a:b xmlns:a='urn:a'/>",
                "<a xmlns='jabber:client'/>",
                "<a xmlns='x'><b xmlns='x'/></a>",
                "<a b='c' xmlns='x'/>",
                "<a xmlns:p='urn:p'/>",
                "<a xmlns:p='urn:p' b=''/>",
                "<a p:b=''/>",
                "<a xmlns:p='' p:b=''/>",
                "<a xmlns:xml='urn:p' xml:b=''/>",
                "<a xmlns:p='urn:p' p:a='' xmlns:p='urn:p' p:b=''/>",
                "<a xmlns:p='urn:p' p:a='' xmlns:q='urn:p' q:a=''/>",
                "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
                "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
                "<a>></a>",
                "<a>\r</a>",
                "<a>&apos;</a>",
                "<a>&#9;</a>",
                "<a>&nbsp;</a>",
                "<a>&</a>",
                "<a><![CDATA[x]]></a>",
                "<a><!--x--></a>",
                "<a><?x?></a>",
                "<?xml version='1.0'?><a/>",
                "<!DOCTYPE a><a/>",
                "<a>\u0000</a>",
                "<a>\uFFFF</a>",
            })
    void anythingElseIsRefused(String xml) {
        assertThatThrownBy(() -> Element.parse(xml.getBytes(UTF_8))).isInstanceOf(CanonicalFormException.class);
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        for (int[] wrong : new int[][] {
            {0xC0, 0xBC}, {0xE0, 0x80, 0xBC}, {0xED, 0xA0, 0x80}, {0xF4, 0x90, 0x80, 0x80}, {0xF8}, {0x80}, {0xC3}
        }) {
            byte[] xml = new byte[7 + wrong.length];
            System.arraycopy("<a>".getBytes(UTF_8), 0, xml, 0, 3);
            for (int i = 0; i < wrong.length; i++) {
                xml[3 + i] = (byte) wrong[i];
            }
            System.arraycopy("</a>".getBytes(UTF_8), 0, xml, 3 + wrong.length, 4);
            assertThatThrownBy(() -> Element.parse(xml)).isInstanceOf(CanonicalFormException.class);
        }
    }

    @Test
    void depthIsBounded() {
        int most = CanonicalReader.MAX_DEPTH;
        assertThat(Element.parse(nested(most))).isNotNull();
        assertThatThrownBy(() -> Element.parse(nested(most + 1))).isInstanceOf(CanonicalFormException.class);
        assertThatThrownBy(() -> Element.parse("<a>".repeat(1_000_000).getBytes(UTF_8)))
                .isInstanceOf(CanonicalFormException.class);
    }

    private static byte[] nested(int levels) {
        return ("<a>".repeat(levels - 1) + "<a/>" + "</a>".repeat(levels - 1)).getBytes(UTF_8);
    }

    @Test
    void attributesAreBounded() {
        StringBuilder xml = new StringBuilder("<a");
        for (int i = 0; i < 129; i++) {
            xml.append(" b").append(i).append("=''");
        }
        assertThatThrownBy(() -> Element.parse(xml.append("/>").toString().getBytes(UTF_8)))
                .isInstanceOf(CanonicalFormException.class);
    }

    @Test
    void fragmentKeepsItsBytesAndIsOpenedOnlyWhenAsked() {
        byte[] message = "<message xmlns='jabber:client'><body>hi</body></message>".getBytes(UTF_8);
        Element wrapper = Element.builder(ITEM).fragment(message).build();
        assertThat(wrapper)
                .hasToString(
                        "<item xmlns='urn:example'><message xmlns='jabber:client'><body>hi</body></message></item>");
        assertThat(wrapper.firstChild().text(BODY)).isEqualTo("hi");
        assertThat(wrapper).isEqualTo(Element.parse(wrapper.toString().getBytes(UTF_8)));
        byte[] damaged = "<message".getBytes(UTF_8);
        assertThatThrownBy(() -> Element.builder(ITEM).fragment(damaged).build().children())
                .isInstanceOf(CanonicalFormException.class);
    }
}
