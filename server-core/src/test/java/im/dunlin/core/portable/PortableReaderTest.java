// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.portable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortableReaderTest {
    private static final String BEGIN =
            "<server-data xmlns='urn:xmpp:pie:0'>\n<host jid='localhost'>\n<user name='juliet'>\n";
    private static final String END = "</user></host></server-data>";

    @TempDir
    Path directory;

    private final List<String> given = new ArrayList<>();

    private final AccountSink sink = new AccountSink() {
        @Override
        public void begin(Position at, String host, String name, @Nullable String password) {
            given.add(name + "@" + host + (password == null ? "" : " " + password));
        }

        @Override
        public void piece(Position at, Element piece) {
            given.add(at.line() + " " + piece);
        }

        @Override
        public void end() {
            given.add("end");
        }

        @Override
        public void unknown(Position at, Name name) {
            given.add("unknown " + name);
        }
    };

    private void read(String xml) throws Exception {
        PortableReader.read(write("main.xml", xml), sink);
    }

    private Path write(String name, String xml) throws Exception {
        Path file = directory.resolve("in").resolve(name).normalize();
        Files.createDirectories(file.getParent());
        return Files.writeString(file, xml);
    }

    @Test
    void largeElementsComeInPiecesInsideOfWhatTheyStandIn() throws Exception {
        read(BEGIN
                + "<query xmlns='jabber:iq:roster'><item jid='a@b'/>\n <item jid='c@d'/></query>"
                + "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'><item id='1'/><item id='2'/></items></pubsub>"
                + "<vCard xmlns='vcard-temp'><FN>J &amp; <![CDATA[<R>]]></FN></vCard>" + END);

        assertThat(given)
                .containsExactly(
                        "juliet@localhost",
                        "4 <query xmlns='jabber:iq:roster'><item jid='a@b'/></query>",
                        "5 <query xmlns='jabber:iq:roster'><item jid='c@d'/></query>",
                        "5 <pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'><item id='1'/></items></pubsub>",
                        "5 <pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'><item id='2'/></items></pubsub>",
                        "5 <vCard xmlns='vcard-temp'><FN>J &amp; &lt;R&gt;</FN></vCard>",
                        "end");
    }

    @Test
    void prefixesAndLanguagesAreKeptAsTheyAreMeant() throws Exception {
        read("<p:server-data xmlns:p='urn:xmpp:pie:0'><p:host jid='h'><p:user name='u' password='x'>"
                + "<m:message xmlns:m='jabber:client' xml:lang='en' a:b='c' xmlns:a='urn:a'><m:body>x</m:body></m:message>"
                + "</p:user></p:host></p:server-data>");

        assertThat(given)
                .containsExactly(
                        "u@h x", "1 <message xml:lang='en' xmlns:a='urn:a' a:b='c'><body>x</body></message>", "end");
    }

    @Test
    void whatIsNotOfAnAccountIsPassedOver() throws Exception {
        read(
                "<server-data xmlns='urn:xmpp:pie:0'><x xmlns='urn:x'><host jid='h'/></x><host jid='localhost'><y/></host></server-data>");

        assertThat(given).containsExactly("unknown {urn:x}x", "unknown {urn:xmpp:pie:0}y");
    }

    /** XEP-0227 §5: "An importing server MUST support include elements having an 'href' attribute containing a relative URI". */
    @Test
    void filesBesideAndBelowAreIncluded() throws Exception {
        write(
                "h.xml",
                "<host xmlns='urn:xmpp:pie:0' xmlns:xi='http://www.w3.org/2001/XInclude' jid='h'><xi:include href='h/a%20b.xml'/></host>");
        write("h/a b.xml", "<user xmlns='urn:xmpp:pie:0' name='u'><a xmlns='urn:a'/></user>");

        read(
                "<server-data xmlns='urn:xmpp:pie:0' xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='h.xml'/></server-data>");

        assertThat(given).containsExactly("u@h", "1 <a xmlns='urn:a'/>", "end");
    }

    /** §6: "include elements which are indirect descendants of the user element SHOULD be treated as opaque user data". */
    @Test
    void includeInsideUserDataIsUserData() throws Exception {
        read(BEGIN
                + "<query xmlns='jabber:iq:private'><a xmlns='urn:a'><include xmlns='http://www.w3.org/2001/XInclude' href='b'/></a></query>"
                + END);

        assertThat(given).anyMatch(piece -> piece.contains("XInclude"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../outside.xml",
                "/etc/passwd",
                "file:///etc/passwd",
                "http://localhost/x",
                "%2e%2e/outside.xml",
                "link.xml",
                "none.xml",
                "\u0000"
            })
    void nothingElseIsIncluded(String href) throws Exception {
        write("../outside.xml", "<host xmlns='urn:xmpp:pie:0' jid='h'/>");
        Files.createSymbolicLink(
                Files.createDirectories(directory.resolve("in")).resolve("link.xml"), directory.resolve("outside.xml"));

        assertThatThrownBy(() -> read(
                        "<server-data xmlns='urn:xmpp:pie:0'>\n<include xmlns='http://www.w3.org/2001/XInclude' href='"
                                + href + "'/></server-data>"))
                .isInstanceOf(PortableException.class)
                .hasMessageContaining("main.xml:2:");
    }

    @Test
    void fileThatIncludesItselfEnds() throws Exception {
        String include = "<include xmlns='http://www.w3.org/2001/XInclude' href='loop.xml'/>";
        write("loop.xml", include);

        assertThatThrownBy(() -> read("<server-data xmlns='urn:xmpp:pie:0'>" + include + "</server-data>"))
                .hasMessageContaining("includes in each other");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE server-data [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
                "<!DOCTYPE server-data SYSTEM 'http://127.0.0.1:1/x.dtd'>",
                "<!DOCTYPE server-data [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>"
            })
    void documentTypesAreRefused(String type) {
        assertThatThrownBy(() -> read(type + "\n" + BEGIN + "<vCard xmlns='vcard-temp'><FN>&x;&c;</FN></vCard>" + END))
                .isInstanceOf(PortableException.class)
                .hasMessageContaining("main.xml:");
        assertThat(given).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<vCard xmlns='vcard-temp'>&x;</vCard>",
                "<a",
                "<a></b>",
                "text",
                "<a:b/>",
                "\u0001",
                "<a b='1' b='2'/>"
            })
    void damageIsToldWithItsPlace(String damage) {
        assertThatThrownBy(() -> read(BEGIN + damage))
                .isInstanceOf(PortableException.class)
                .hasMessageContaining("main.xml:");
        assertThat(given).doesNotContain("end", "unknown");
    }

    @Test
    void fileThatIsCutOffEndsNoAccount() {
        String whole = BEGIN + "<vCard xmlns='vcard-temp'><FN>Juliet</FN></vCard></user>";
        for (int end = 0; end < whole.length(); end++) {
            String cut = whole.substring(0, end);
            given.clear();
            assertThatThrownBy(() -> read(cut)).isInstanceOf(PortableException.class);
            assertThat(given).doesNotContain("end");
        }
    }

    @Test
    void piecesAreBounded() {
        String large = "x".repeat(PortableReader.MAX_PIECE_BYTES);

        assertThatThrownBy(() -> read(BEGIN + "<vCard xmlns='vcard-temp'><FN>" + large + "</FN></vCard>" + END))
                .hasMessageContaining("a piece of more than");
        assertThatThrownBy(() -> read(BEGIN + "<vCard xmlns='vcard-temp' a='" + large + large + large + "'/>" + END))
                .hasMessageContaining("in one piece");
        assertThatThrownBy(() -> read(BEGIN + "<!--" + large + large + large + "-->" + END))
                .hasMessageContaining("in one piece");
        assertThatThrownBy(() -> read(BEGIN + "<a>".repeat(1_000) + END)).hasMessageContaining("levels");
    }

    @Test
    void whatIsNoSuchFileIsToldSo() {
        assertThatThrownBy(() -> read("<html/>")).hasMessageContaining("expected: server-data");
        assertThatThrownBy(() -> PortableReader.read(directory.resolve("none"), sink))
                .hasMessageContaining("cannot be read");
        assertThatThrownBy(() -> PortableReader.read(directory, sink)).hasMessageContaining("cannot be read");
    }
}
