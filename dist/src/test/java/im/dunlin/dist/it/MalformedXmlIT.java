// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** XML that XMPP does not allow ends the stream with the error for it (RFC 6120 §11; threats X01 to X18). */
class MalformedXmlIT {
    private static final String HEADER = "<stream:stream xmlns='jabber:client'"
            + " xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>";

    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.withDefaults();

    // ---- before the stream
    // -------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE lol [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
                        + "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]>",
                "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>",
                "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
                "<!DOCTYPE x>",
                "<?xml version='1.0'?><!DOCTYPE x>",
                "<?xml-stylesheet href='x'?>",
                "<!-- hello -->"
            })
    void nothingButADeclarationComesBeforeTheStream(String prolog) {
        try (RawClient client = RawClient.connectTls(server.endpoint())) {
            client.writes(prolog + HEADER + "<a>&c;</a>");

            client.endsWith("restricted-xml");
        }
    }

    @ParameterizedTest(name = "{index}")
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Type: text/plain\r\n\r\n" + HEADER,
                "\u0016\u0003\u0001",
                "{}"
            })
    void otherProtocolsAreNoXml(String bytes) {
        try (RawClient client = server.connect()) {
            client.writes(bytes);

            client.endsWith("not-well-formed");
        }
    }

    @Test
    void streamIsInUtf8() {
        try (RawClient utf16 = RawClient.connectTls(server.endpoint());
                RawClient utf16WithMark = RawClient.connectTls(server.endpoint());
                RawClient latin1 = RawClient.connectTls(server.endpoint())) {
            utf16.writes(HEADER.getBytes(StandardCharsets.UTF_16BE));
            utf16.endsWith("unsupported-encoding");
            utf16WithMark.writes(HEADER.getBytes(StandardCharsets.UTF_16));
            utf16WithMark.endsWith("unsupported-encoding");
            latin1.writes("<?xml version='1.0' encoding='ISO-8859-1'?>" + HEADER);
            latin1.endsWith("unsupported-encoding");
        }
    }

    // ---- inside the stream
    // -------------------------------------------------------------------------------------------

    static Stream<Arguments> brokenXml() {
        return Stream.of(
                // X01 to X04
                arguments("<!DOCTYPE x>", "restricted-xml"),
                arguments("<message><!DOCTYPE x></message>", "restricted-xml"),
                arguments("<!-- between -->", "restricted-xml"),
                arguments("<message><!-- inside --></message>", "restricted-xml"),
                arguments("<?php between ?>", "restricted-xml"),
                arguments("<?xml version='1.0'?>", "restricted-xml"),
                arguments("<message><?php inside ?></message>", "restricted-xml"),
                arguments("<message><body>&nbsp;</body></message>", "restricted-xml"),
                arguments("<message><body>&c;</body></message>", "restricted-xml"),
                arguments("<message id='&c;'/>", "restricted-xml"),
                // well-formedness
                arguments("<message></iq>", "not-well-formed"),
                arguments("<message><body></message>", "not-well-formed"),
                arguments("<message id='a' id='b'/>", "not-well-formed"),
                arguments("<message id=a/>", "not-well-formed"),
                arguments("<message id='<'/>", "not-well-formed"),
                arguments("<mess<age/>", "not-well-formed"),
                arguments("<x:message/>", "not-well-formed"),
                arguments("<message x:y='z'/>", "not-well-formed"),
                arguments("<message xmlns:a='u' xmlns:b='u' a:x='1' b:x='2'/>", "not-well-formed"),
                arguments("<message><body>&#0;</body></message>", "not-well-formed"),
                arguments("<message><body>&#x1F;</body></message>", "not-well-formed"),
                arguments("<message><body>&#xD83D;</body></message>", "not-well-formed"),
                arguments("<message><body>&#xFFFE;</body></message>", "not-well-formed"),
                arguments("<message><body>&#x110000;</body></message>", "not-well-formed"),
                arguments("<message><body>\u0001</body></message>", "not-well-formed"),
                // X06
                arguments("<x xmlns='a&#xC;message'/>", "not-well-formed"),
                // X09, X10
                arguments("<message>" + "<a>".repeat(64), "policy-violation"),
                arguments("<message>" + "<a>".repeat(3_000), "policy-violation"),
                arguments("<message" + numbered(" a%d='1'", 65) + "/>", "policy-violation"),
                arguments("<message" + numbered(" a%d='1'", 10_000) + "/>", "policy-violation"),
                arguments("<message" + numbered(" xmlns:a%d='u'", 33) + "/>", "policy-violation"),
                arguments("<message" + numbered(" xmlns:a%d='u'", 8_000) + "/>", "policy-violation"),
                arguments("<message id='" + "x".repeat(17_000), "policy-violation"),
                arguments("<message><" + "n".repeat(513) + "/></message>", "policy-violation"),
                arguments("<message><a xmlns='" + "n".repeat(257) + "'/></message>", "policy-violation"));
    }

    private static String numbered(String pattern, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(String.format(pattern, i));
        }
        return text.toString();
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("brokenXml")
    void brokenXmlEndsASession(String xml, String condition) {
        try (RawClient client = server.session("tybalt@localhost/broken")) {
            client.triesToWrite(xml);

            client.endsWith(condition);
        }
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("brokenXml")
    void brokenXmlEndsAStreamBeforeLogin(String xml, String condition) {
        try (RawClient client = server.connectTls()) {
            client.triesToWrite(xml);

            client.endsWith(condition);
        }
    }

    /** Threats X05 and X07: what another parser might read differently is refused, wherever it stands. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "C0BC",
                "E080BC",
                "F08080BC", // overlong: <
                "C080",
                "E08080", // overlong: NUL
                "C1BF",
                "E09FBF",
                "F08FBFBF", // overlong at the edges
                "EDA080",
                "EDBFBF", // surrogates
                "F4908080",
                "F5808080", // beyond Unicode
                "F888808080",
                "FC8480808080", // five and six bytes
                "80",
                "BF",
                "FE",
                "FF", // no first byte
                "C3",
                "E282",
                "F09F98", // cut short
                "EFBFBE",
                "EFBFBF" // no characters
            })
    void invalidUtf8IsRefusedWhereverItStands(String hex) {
        byte[] bad = HexFormat.of().parseHex(hex);
        String[][] places = {
            {"<message><body>a", "b</body></message>"},
            {"<message id='a", "b'/>"},
            {"<message a", "='b'/>"},
            {"<message><a", "/></message>"},
            {"<message><a xmlns='urn:a", "'/></message>"},
            {"<message><body><![CDATA[a", "]]></body></message>"}
        };
        for (String[] place : places) {
            try (RawClient client = server.connectTls()) {
                client.writes(place[0]).writes(bad).triesToWrite(place[1]);

                client.endsWith("not-well-formed");
            }
        }
    }

    // ---- size
    // --------------------------------------------------------------------------------------------------------

    @Test
    void longStanzaEndsTheStreamBeforeItIsComplete() {
        try (RawClient client = server.session("tybalt@localhost/long")) {
            client.triesToWrite("<message><body>" + "x".repeat(300_000));

            client.endsWith("policy-violation");
        }
    }

    /** Of text, of a start tag, and of white space between elements. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</auth>",
                "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' a='%s'/>",
                "<iq type='get' id='a'>%s",
                "%s"
            })
    void littleIsReadBeforeLogin(String shape) {
        try (RawClient client = server.connectTls()) {
            client.triesToWrite(String.format(shape, " ".repeat(2_000_000)));

            client.endsWith("policy-violation");
        }
    }

    @Test
    void manyNamesEndTheStreamOrAreForgotten() {
        try (RawClient client = server.session("tybalt@localhost/names")) {
            for (int i = 0; i < 20; i++) {
                client.sends("<iq type='get' id='p'>" + "<n" + i + " xmlns='urn:n'>" + numbered("<x%d" + i + "/>", 90)
                        + "</n" + i + "></iq>");
                client.receivesError("service-unavailable");
            }
            client.triesToWrite("<iq type='get' id='p'><n>" + numbered("<y%d/>", 1_100) + "</n></iq>");
            client.endsWith("policy-violation");
        }
    }

    // ---- cut anywhere
    // ------------------------------------------------------------------------------------------------

    @Test
    void stanzaMayBeCutAtEveryByte() {
        String id = "é€😀&amp;&lt;&#x1F600;&quot;";
        byte[] stanza = ("<iq\n type='get'\tid=\"" + id + "\" to='localhost' xml:lang='de'>"
                        + "<ping xmlns='urn:xmpp:ping'> <![CDATA[<]]></ping ></iq>")
                .getBytes(StandardCharsets.UTF_8);
        try (RawClient client = server.session("tybalt@localhost/cut")) {
            for (int cut = 1; cut < stanza.length; cut++) {
                byte[] start = new byte[cut];
                byte[] rest = new byte[stanza.length - cut];
                System.arraycopy(stanza, 0, start, 0, cut);
                System.arraycopy(stanza, cut, rest, 0, rest.length);

                client.writes(start).writes(rest);

                client.receives("<iq type='result' id=\"" + id + "\"/>");
            }
            for (byte b : stanza) {
                client.writes(new byte[] {b});
            }
            client.receives("<iq type='result' id=\"" + id + "\"/>");
        }
    }

    @Test
    void streamHeaderMayBeCutAtEveryByte() {
        String start = "<?xml version='1.0' encoding='utf-8'?>\n" + HEADER;
        for (int cut = 1; cut < start.length(); cut++) {
            try (RawClient client = server.connect()) {
                client.writes(start.substring(0, cut));
                client.startsStream(start.substring(cut));
            }
        }
    }

    /** Threat X14: the receiver reads exactly what the sender meant. */
    @Test
    void attributesAndTextArriveAsTheyWereMeant() {
        String id = "&#9;&#10;&#13;&apos;&quot;&lt;&gt;&amp;]]&gt;😀";
        try (RawClient client = server.session("tybalt@localhost/escapes")) {
            client.sends("<iq type='get' id='" + id + "'><ping xmlns='urn:xmpp:ping'/></iq>");

            client.receives("<iq type='result' id='" + id + "'/>");
        }
    }

    // ---- names
    // -------------------------------------------------------------------------------------------------------

    static Stream<Arguments> wrongNames() {
        return Stream.of(
                arguments("<message xmlns='jabber:server'/>", "invalid-namespace"),
                arguments("<iq xmlns='urn:x' type='get' id='a'/>", "unsupported-stanza-type"),
                arguments("<foo xmlns='urn:x'/>", "unsupported-stanza-type"),
                arguments("<foo/>", "unsupported-stanza-type"),
                arguments("<Message/>", "unsupported-stanza-type"));
    }

    /** Threat X15. */
    @ParameterizedTest
    @MethodSource("wrongNames")
    void elementsOfOtherKindsEndTheStream(String xml, String condition) {
        try (RawClient client = server.session("tybalt@localhost/names")) {
            client.sends(xml);

            client.endsWith(condition);
        }
    }

    @Test
    void prefixesOfTheClientsChoiceAreUnderstood() {
        try (RawClient client = RawClient.connectTls(server.endpoint())) {
            client.startsStream("<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns:c='jabber:client'"
                    + " xmlns='jabber:client' to='localhost' version='1.0'>");
            client.next();
            client.logsIn("tybalt@localhost").binds("prefix");
            client.sends("<c:iq xmlns:c='jabber:client' type='get' id='p'><q:ping xmlns:q='urn:xmpp:ping'/></c:iq>");
            client.receives("<iq type='result' id='p'/>");
        }
    }
}
