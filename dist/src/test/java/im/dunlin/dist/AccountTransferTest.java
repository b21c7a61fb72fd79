// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.portable.PortableAccounts;
import im.dunlin.core.portable.PortableException;
import im.dunlin.core.portable.PortableReader;
import im.dunlin.core.portable.Position;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.dist.command.ServerFactory.Acceptance;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.control.RefusedException;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.transfer.AccountExport;
import im.dunlin.dist.transfer.AccountImport;
import im.dunlin.dist.transfer.EjabberdSink;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** XEP-0227, on stopped servers: accounts go out and come in, whole or not at all. */
class AccountTransferTest {
    private static final Path VERONA = Path.of("src/test/resources/portable/verona.xml");
    private static final Path ARCHIVE = Path.of("src/test/resources/portable/archive.xml");

    @TempDir
    Path directory;

    private final List<String> messages = new ArrayList<>();

    /** A server of its own, with accounts at {@code localhost}. */
    private Administration server(String name) throws Exception {
        Path root = Files.createDirectories(directory.resolve(name));
        Path file = Files.writeString(
                root.resolve("dunlin.yaml"), "data: data\nauthentication: { scramIterations: 4096 }\n");
        ServerConfig config = StandardModules.configurations().load(file);
        DataDirectory data = new DataDirectory(config.data());
        data.prepare();
        return new Servers().open(config, data);
    }

    private Core core(String name) throws Exception {
        ServerConfig config =
                StandardModules.configurations().load(directory.resolve(name).resolve("dunlin.yaml"));
        return Core.open(config, new DataDirectory(config.data()), new Acceptance(false, false), failure -> {});
    }

    private boolean bring(Path file, Administration into) throws Exception {
        return new AccountImport(into, messages::add).run(to -> PortableReader.read(file, to));
    }

    private String taken(Administration out) throws Exception {
        Path file = directory.resolve("out-" + System.nanoTime() + ".xml");
        new AccountExport(out, AccountExport.Form.XEP_0227, file).hosts(List.of("localhost"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        return Files.readString(file);
    }

    private Path file(String users) throws Exception {
        return Files.writeString(
                directory.resolve("in.xml"),
                "<server-data xmlns='urn:xmpp:pie:0'>\n<host jid='localhost'>\n" + users + "\n</host></server-data>");
    }

    @Test
    void accountIsTheSameOnAnotherServer() throws Exception {
        try (Administration first = server("first");
                Administration second = server("second")) {
            assertThat(bring(VERONA, first)).isTrue();
            String all = taken(first);

            assertThat(bring(Files.writeString(directory.resolve("all.xml"), all), second))
                    .isTrue();

            assertThat(all).contains("Romeo &amp; &lt;co&gt;", "tybalt@x.lit", "theplay@", "123-abc", "defaultnick");
            assertThat(taken(second)).isEqualTo(all);
        }
    }

    @Test
    void archiveIsTheSameOnAnotherServer() throws Exception {
        try (Administration first = server("first");
                Administration second = server("second")) {
            assertThat(bring(ARCHIVE, first)).isTrue();
            String all = taken(first);

            bring(Files.writeString(directory.resolve("all.xml"), all), second);

            assertThat(taken(second)).isEqualTo(all);
            assertThat(first.checkUser("juliet@localhost")).isEmpty();
            assertThat(second.checkUser("juliet@localhost")).isEmpty();
        }
    }

    /** What other servers' archives have beside each other, stands here as it would if it had passed through. */
    @Test
    void archiveOfAnotherServerIsReadAsItHappened() throws Exception {
        try (Administration server = server("one")) {
            bring(ARCHIVE, server);

            String all = taken(server);
            assertThat(all)
                    .as("an edit")
                    .contains("id='8a54s' type='chat'><body>What man art thou?</body>")
                    .as("a retraction")
                    .contains("id='m1' type='chat'><retracted ")
                    .doesNotContain("Call me but love")
                    .as("a time as an id of this server")
                    .contains("id='1278803305000000'")
                    .as("what waited in no archive")
                    .contains("<result xmlns='urn:xmpp:mam:2' id='1278803305000000'>")
                    .as("what no archive may have")
                    .doesNotContain("<body>never archive</body></message></forwarded>")
                    .contains("<body>never archive</body><no-permanent-store");
            // Read but for what waits.
            assertThat(all)
                    .contains("jid='old@montague.lit' type='urn:xabber:chat' read='1594423200000001'")
                    .contains("jid='romeo@montague.lit' type='urn:xabber:chat' read='1594423199999999'");
        }
    }

    @Test
    void theSameAgainChangesNothing() throws Exception {
        try (Administration server = server("one")) {
            bring(VERONA, server);
            String all = taken(server);

            assertThat(bring(VERONA, server)).isTrue();

            assertThat(taken(server)).isEqualTo(all);
        }
    }

    @Test
    void accountWithAMistakeDoesNotComeInAndTheOthersDo() throws Exception {
        try (Administration server = server("one")) {
            boolean well = bring(file("""
                            <user name='a' password='secretsecret'/>
                            <user name='b' password='secretsecret'><vCard xmlns='vcard-temp'><FN>B</FN></vCard>
                              <query xmlns='jabber:iq:roster'><item jid='x@localhost'/>
                              <item jid='no@@address'/></query></user>
                            <user name='c@d' password='secretsecret'/>
                            <user name='e' password='secretsecret'/>"""), server);

            assertThat(well).isFalse();
            assertThat(server.listUsers(null, null)).containsExactly("a@localhost", "e@localhost");
            assertThat(messages)
                    .satisfiesExactly(
                            message -> assertThat(message).contains("in.xml:6:", "b@localhost", "jid"),
                            message -> assertThat(message).contains("in.xml:7:", "c@d@localhost"));
        }
    }

    @Test
    void whatIsWrongInAnAccountIsLeftOutWhereThatIsWanted() throws Exception {
        try (Administration server = server("one")) {
            AccountImport run = new AccountImport(server, messages::add, true);
            Path file = file("""
                            <user name='b' password='secretsecret'><vCard xmlns='vcard-temp'><FN>B</FN></vCard>
                              <query xmlns='jabber:iq:roster'><item jid='x@localhost'/>
                              <item jid='no@@address'/><item jid='y@localhost'/>
                              <item jid='@'/></query></user>
                            <user name='e' password='secretsecret'/>""");

            assertThat(run.run(to -> PortableReader.read(file, to))).isTrue();

            assertThat(run.summary())
                    .isEqualTo("2 accounts brought in, 0 were there already, 0 refused, 2 parts left out");
            assertThat(taken(server))
                    .contains("<FN>B</FN>", "x@localhost", "y@localhost")
                    .doesNotContain("no@@");
            assertThat(messages)
                    .satisfiesExactly(
                            message -> assertThat(message).contains("in.xml:5:", "b@localhost", "left out"),
                            message -> assertThat(message).contains("in.xml:6:", "b@localhost", "left out"));
        }
    }

    /** By it an operator knows who still cannot log in by what is stronger. */
    @Test
    void accountShowsOfWhichMechanismsItHasKeys() throws Exception {
        try (Administration server = server("one")) {
            server.addUser("romeo@localhost", "secretsecret");
            bring(file("""
                    <user name='weak'><scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-1'>
                      <iter-count>4096</iter-count><salt>QSXCR+Q6sek8bf92</salt>
                      <server-key>D+CSWLOshSulAsxiupA+qs2/fTE=</server-key>
                      <stored-key>6dlGYMOdZcOPutkcNY8U2g7vK9Y=</stored-key></scram-credentials></user>"""), server);

            assertThat(server.showUser("weak@localhost")).containsEntry("keys of the password", "SCRAM-SHA-1");
            assertThat(server.showUser("romeo@localhost"))
                    .containsEntry("keys of the password", "SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-512");
        }
    }

    @Test
    void eachAccountHasAFileOfItsOwnWhereThatIsWanted() throws Exception {
        try (Administration first = server("first");
                Administration second = server("second")) {
            bring(VERONA, first);
            String all = taken(first);
            Path files = Files.createDirectory(directory.resolve("files"));

            int written = AccountExport.each(first, AccountExport.Form.XEP_0227, List.of("localhost"), files);

            List<String> accounts = first.listUsers(null, null);
            assertThat(written).isEqualTo(accounts.size());
            for (String account : accounts) {
                assertThat(bring(files.resolve(account + ".xml"), second)).isTrue();
            }
            assertThat(taken(second)).isEqualTo(all);
        }
    }

    /** As ejabberd 23.01 reads it: one key, whose values are in base64 twice. */
    @Test
    void exportForEjabberdHasItsForm() throws Exception {
        try (Administration first = server("first");
                Administration second = server("second")) {
            bring(VERONA, first);
            Path file = directory.resolve("ejabberd.xml");

            new AccountExport(first, AccountExport.Form.EJABBERD, file).hosts(List.of("localhost"));

            int accounts = first.listUsers(null, null).size();
            assertThat(Files.readString(file).split("mechanism='SCRAM-SHA-1'", -1))
                    .hasSize(accounts + 1);
            assertThat(Files.readString(file)).doesNotContain("SCRAM-SHA-256");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            new AccountImport(second, messages::add).run(to -> PortableReader.read(file, new EjabberdSink(to)));
            assertThat(withoutKeys(taken(second))).isEqualTo(withoutKeys(taken(first)));
            assertThat(taken(first)).contains(key(taken(second)));
            try (Stream<Path> files = Files.list(directory)) {
                assertThat(files).noneMatch(each -> each.toString().contains(".part"));
            }
        }
    }

    private static String withoutKeys(String export) {
        return export.replaceAll("<scram-credentials.*?</scram-credentials>\\s*", "");
    }

    /** The first stored key. */
    private static String key(String export) {
        return export.substring(export.indexOf("<stored-key>"), export.indexOf("</stored-key>"));
    }

    @Test
    void nobodySeesAnAccountThatIsNotWhole() throws Exception {
        try (Administration server = server("one")) {
            AccountImport run = new AccountImport(server, messages::add);

            boolean well = run.run(to -> {
                to.begin(Position.of("x"), "localhost", "juliet", "secretsecret");
                for (int i = 0; i < 1_000; i++) {
                    to.piece(Position.of("x"), item("contact" + i + "@localhost"));
                }
                assertThat(visible(server)).isEmpty();
                throw new PortableException(Position.of("x"), "cut off");
            });

            assertThat(well).isFalse();
            assertThat(visible(server)).isEmpty();
            assertThat(messages).containsExactly("x: cut off");
            assertThat(bring(VERONA, server)).isTrue();
            assertThat(taken(server)).doesNotContain("contact999@localhost").contains("juliet");
        }
    }

    private static List<String> visible(Administration server) {
        try {
            return server.listUsers(null, null);
        } catch (RefusedException e) {
            throw new AssertionError(e);
        }
    }

    private static Element item(String jid) {
        return Element.of(Name.of("jabber:iq:roster", "query"))
                .child(Element.of(Name.of("jabber:iq:roster", "item")).attr("jid", jid));
    }

    @Test
    void whatAStopInterruptedIsBegunAnew() throws Exception {
        try (Administration server = server("one")) {
            String ticket = server.beginImport("juliet@localhost");
            assertThat(ticket).isNotNull();
            server.importPieces(
                    "juliet@localhost",
                    String.valueOf(ticket),
                    List.of("<query xmlns='jabber:iq:roster'><item jid='left@localhost'/></query>"));
        }
        try (Administration server = server("one")) {
            assertThat(server.listUsers(null, null)).isEmpty();

            assertThat(bring(VERONA, server)).isTrue();

            assertThat(taken(server)).doesNotContain("left@localhost").contains("romeo@montague.net");
        }
    }

    @Test
    void secondAttemptEndsTheFirst() throws Exception {
        try (Administration server = server("one")) {
            String first = String.valueOf(server.beginImport("juliet@localhost"));
            String second = String.valueOf(server.beginImport("juliet@localhost"));

            assertThatThrownBy(() -> server.endImport("juliet@localhost", first, List.of(), "secretsecret"))
                    .isInstanceOf(RefusedException.class);
            server.dropImport("juliet@localhost", first);
            server.endImport("juliet@localhost", second, List.of(), "secretsecret");

            assertThat(server.listUsers(null, null)).containsExactly("juliet@localhost");
        }
    }

    @Test
    void accountThatIsMadeMeanwhileStays() throws Exception {
        try (Administration server = server("one")) {
            String ticket = String.valueOf(server.beginImport("juliet@localhost"));
            server.addUser("juliet@localhost", "secretsecret");

            assertThatThrownBy(() -> server.endImport("juliet@localhost", ticket, List.of(), "other secret"))
                    .isInstanceOf(RefusedException.class);

            assertThat(server.listUsers(null, null)).containsExactly("juliet@localhost");
        }
    }

    /** The store is not closed under who reads it, and a large archive does not hold up a stop. */
    @Test
    void stopEndsWhatIsBeingTakenOut() throws Exception {
        try (Administration server = server("one")) {
            bring(VERONA, server);
        }
        Core core = core("one");
        PortableAccounts.Found juliet =
                core.portable().find(BareJid.of("juliet@localhost")).get();
        Thread closing = new Thread(core::close);
        OutputStream out = new OutputStream() {
            @Override
            public void write(int octet) {
                if (closing.getState() == Thread.State.NEW) {
                    closing.start();
                }
                while (closing.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
            }
        };

        assertThatThrownBy(() -> core.portable().export(Objects.requireNonNull(juliet), out))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the server stops");

        closing.join();
    }

    @Test
    void exportReplacesNoFile() throws Exception {
        try (Administration server = server("one")) {
            Path file = Files.writeString(directory.resolve("there.xml"), "precious");

            assertThatThrownBy(() ->
                            new AccountExport(server, AccountExport.Form.XEP_0227, file).hosts(List.of("localhost")))
                    .hasMessageContaining("exists already");
            assertThatThrownBy(
                            () -> new AccountExport(server, AccountExport.Form.XEP_0227, directory.resolve("new.xml"))
                                    .account("no@localhost"))
                    .hasMessageContaining("no such account");

            assertThat(file).hasContent("precious");
            assertThat(directory.resolve("new.xml")).doesNotExist();
            assertThat(directory.resolve("new.xml.part")).doesNotExist();
        }
    }
}
