// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.transfer.prosody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.portable.AccountSink;
import im.dunlin.core.portable.PortableException;
import im.dunlin.core.portable.Position;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProsodyReaderTest {
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
            given.add(piece.toString());
        }

        @Override
        public void end() {
            given.add("end");
        }

        @Override
        public void broken(PortableException why) {
            given.add("broken " + why.getMessage());
        }

        @Override
        public void unknown(Position at, Name name) {
            throw new AssertionError(name);
        }
    };

    private void write(String file, String text) throws Exception {
        Path path = directory.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private List<String> read() throws Exception {
        given.clear();
        ProsodyReader.read(directory, sink);
        return given;
    }

    @Test
    void namesAreDecoded() throws Exception {
        write("ex%2dample%2eorg/accounts/jul%c3%bcet%2ec.dat", "return { [\"password\"] = \"secret\" };");

        assertThat(read()).containsExactly("julüet.c@ex-ample.org secret", "end");
    }

    @Test
    void keysAreThoseOfScram() throws Exception {
        write(
                "localhost/accounts/juliet.dat",
                "return { [\"salt\"] = \"559c7434\"; [\"iteration_count\"] = 10000; [\"server_key\"] = \""
                        + "cc5101c535791622e6fc9359bf8ae7acad577072\"; [\"stored_key\"] = \"44693fdf18aafb9107f38e7d1535fc38044cd3c4\"; };");

        assertThat(read().get(1))
                .contains("mechanism='SCRAM-SHA-1'", "<iter-count>10000</iter-count>", "<salt>NTU5Yzc0MzQ=</salt>");
    }

    @Test
    void everyStoreIsReadInAForm() throws Exception {
        write("localhost/accounts/juliet.dat", "return { [\"password\"] = \"secret\" };");
        write("localhost/roster/juliet.dat", """
                return { [false] = { ["pending"] = { ["tybalt@localhost"] = true; }; ["version"] = 6; };
                ["romeo@localhost"] = { ["groups"] = { ["M\\195\\182ntague"] = true; }; ["subscription"] = "both"; ["name"] = "R"; }; };
                """);
        write("localhost/private/juliet.dat", """
                return { ["exodus:exodus:prefs"] = { "x"; ["attr"] = { ["xmlns"] = "exodus:prefs"; ["a\\001b"] = "c"; }; ["name"] = "exodus"; }; };
                """);
        write(
                "localhost/blocklist/juliet.dat",
                "return { [false] = { [\"created\"] = 1; }; [\"paris@localhost\"] = 1795940330; };");
        write(
                "localhost/archive_prefs/juliet.dat",
                "return { [false] = \"roster\"; [\"a@b\"] = true; [\"c@d\"] = false; };");
        write("localhost/pep/juliet.dat", """
                return { ["urn:x"] = { ["config"] = { ["max_items"] = 10; ["notify_items"] = true; ["_defaults_only"] = true; };
                ["affiliations"] = { ["a@b"] = "member"; }; ["subscribers"] = { ["c@d/e"] = true; }; ["name"] = "urn:x"; }; ["old"] = true; };
                """);
        write("localhost/pep_urn%3ax/juliet.list", """
                item({ { "J"; ["attr"] = { ["xmlns"] = "urn:y"; }; ["name"] = "nick"; }; ["key"] = "i"; ["when"] = 1; ["with"] = "juliet@localhost";
                ["attr"] = { ["stamp"] = "2026-11-29T08:18:50Z"; ["name"] = "coven"; ["xmlns"] = "urn:x"; }; ["name"] = "conference"; });
                """);
        write("localhost/pep_urn%3axmpp%3avcard4/juliet.list", """
                item({ { { "J\\195\\188"; ["attr"] = {}; ["name"] = "text"; }; ["attr"] = {}; ["name"] = "fn"; };
                ["key"] = "current"; ["when"] = 1; ["attr"] = { ["xmlns"] = "urn:ietf:params:xml:ns:vcard-4.0"; }; ["name"] = "vcard"; });
                """);
        String message = """
                item({ { "hi"; ["attr"] = {}; ["name"] = "body"; }; ["key"] = "k1"; ["when"] = 1795940330.25; ["with"] = "romeo@localhost";
                ["attr"] = { ["stamp"] = "2026-11-29T08:18:50Z"; ["to"] = "juliet@localhost"; ["xml:lang"] = "en"; ["from"] = "romeo@localhost/o"; ["type"] = "chat"; }; ["name"] = "message"; });
                """;
        write("localhost/archive/juliet.list", message);
        write("localhost/offline/juliet.list", message);

        assertThat(read())
                .containsExactly(
                        "juliet@localhost secret",
                        "<query xmlns='jabber:iq:roster'><item jid='romeo@localhost' name='R' subscription='both'><group>Möntague</group></item></query>",
                        "<presence type='subscribe' from='tybalt@localhost'/>",
                        "<vCard xmlns='vcard-temp'><FN>Jü</FN></vCard>",
                        "<query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs' xmlns:p1='a' p1:b='c'>x</exodus></query>",
                        "<blocklist xmlns='urn:xmpp:blocking'><item jid='paris@localhost'/></blocklist>",
                        "<prefs xmlns='urn:xmpp:mam:2' default='roster'><always><jid>a@b</jid></always><never><jid>c@d</jid></never></prefs>",
                        owner("<configure node='old'><x xmlns='jabber:x:data' type='submit'>" + FORM_TYPE
                                + "</x></configure>"),
                        owner("<configure node='urn:x'><x xmlns='jabber:x:data' type='submit'>" + FORM_TYPE
                                + "<field var='pubsub#max_items'><value>10</value></field>"
                                + "<field var='pubsub#deliver_notifications'><value>true</value></field>"
                                + "<field var='pubsub#_defaults_only'><value>true</value></field></x></configure>"),
                        owner(
                                "<affiliations node='urn:x'><affiliation jid='a@b' affiliation='member'/></affiliations>"),
                        owner(
                                "<subscriptions node='urn:x'><subscription jid='c@d/e' subscription='subscribed'/></subscriptions>"),
                        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:x'><item id='i' publisher='juliet@localhost'>"
                                + "<conference xmlns='urn:x' name='coven'><nick xmlns='urn:y'>J</nick></conference></item></items></pubsub>",
                        "<archive xmlns='urn:xmpp:pie:0#mam'><result xmlns='urn:xmpp:mam:2' id='k1'><forwarded xmlns='urn:xmpp:forward:0'>"
                                + "<delay xmlns='urn:xmpp:delay' stamp='2026-11-29T08:18:50.250Z'/>"
                                + "<message xmlns='jabber:client' to='juliet@localhost' xml:lang='en' from='romeo@localhost/o' type='chat'><body>hi</body></message>"
                                + "</forwarded></result></archive>",
                        "<offline-messages xmlns='urn:xmpp:pie:0'><message xmlns='jabber:client' to='juliet@localhost' xml:lang='en' from='romeo@localhost/o' type='chat'>"
                                + "<body>hi</body><delay xmlns='urn:xmpp:delay' stamp='2026-11-29T08:18:50.250Z'/></message></offline-messages>",
                        "end");
    }

    private static final String FORM_TYPE =
            "<field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#node_config</value></field>";

    private static String owner(String child) {
        return "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>" + child + "</pubsub>";
    }

    @Test
    void damagedFileConcernsItsAccountAlone() throws Exception {
        write("localhost/accounts/a.dat", "return { [\"password\"] = \"secret\" };");
        write("localhost/accounts/b.dat", "return { [\"password\"] = \"secret\" };");
        write("localhost/roster/a.dat", "return {\n os.exit() };");

        assertThat(read())
                .satisfiesExactly(
                        each -> assertThat(each).startsWith("a@"),
                        each -> assertThat(each).startsWith("broken ").contains("roster/a.dat:2:"),
                        each -> assertThat(each).startsWith("b@"),
                        each -> assertThat(each).isEqualTo("end"));
    }

    @Test
    void directoryOfSomethingElseIsToldSo() {
        assertThatThrownBy(this::read).hasMessageContaining("has no accounts");
    }
}
