// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.config.HostConfig;
import im.dunlin.core.config.ModuleConfig;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.form.Field;
import im.dunlin.core.form.Form;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Command;
import im.dunlin.core.module.CommandCall;
import im.dunlin.core.module.CommandStep;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.disco.DiscoModule;
import im.dunlin.core.modules.echo.EchoModule;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.memory.MemoryStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CommandsDialogueTest {
    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final Form NAME =
            Form.of("urn:test", "Name", Field.text("name", "Name").mandatory());
    private static final Form AGE =
            Form.of("urn:test", "Age", Field.number("age", "Age", 1, 150).mandatory());

    /** A command made of a function. */
    private record Simple(String node, Begin body) implements Command {
        interface Begin {
            CommandStep begin(CommandCall call, Turn turn);
        }

        @Override
        public String name() {
            return "The " + node;
        }

        @Override
        public boolean isFor(Jid asker, String host, Turn turn) {
            return !node.equals("juliet's") || asker.bare().equals(JULIET);
        }

        @Override
        public CommandStep begin(CommandCall call, Turn turn) {
            return body.begin(call, turn);
        }
    }

    private static CommandStep twoForms(CommandCall call, Turn turn) {
        return CommandStep.form(
                NAME,
                (name, c, t) -> CommandStep.lastForm(AGE, (age, c2, t2) -> {
                    if (age.number("age") == 13) {
                        throw StanzaError.conflict().toException();
                    }
                    return CommandStep.done(name.text("name") + " is " + age.number("age"));
                }));
    }

    private static final class Testing {
        Testing(Setup setup) {
            setup.command(
                            new Simple("hello", (call, turn) -> CommandStep.done("Hello " + call.asker())),
                            Addressee.SERVER,
                            Addressee.OWN_ACCOUNT)
                    .command(new Simple("two", CommandsDialogueTest::twoForms), Addressee.SERVER)
                    .command(new Simple("juliet's", (call, turn) -> CommandStep.failed("Failed")), Addressee.SERVER)
                    .command(
                            new Simple("later", (call, turn) -> {
                                turn.askOwner(
                                        JULIET,
                                        there -> "later",
                                        (again, text) -> call.answer(
                                                CommandStep.lastForm(NAME, (name, c, t) -> {
                                                    t.askOwner(JULIET, there -> "no", (once, no) -> {
                                                        if (name.text("name").equals("wrong")) {
                                                            c.refuse(StanzaError.conflict(), once);
                                                        } else {
                                                            c.answer(CommandStep.done("at last"), once);
                                                        }
                                                    });
                                                    return null;
                                                }),
                                                again));
                                return null;
                            }),
                            Addressee.SERVER)
                    .command(
                            new Simple(
                                    "register",
                                    (call, turn) -> CommandStep.lastForm(
                                            NAME,
                                            (name, c, t) -> CommandStep.done(
                                                    t.jid() + " of " + c.host() + " has " + name.text("name")))),
                            "echo");
        }
    }

    private final TestTime time = new TestTime();
    private final TestServer server = start(ServerConfig.defaults());
    private final TestClient juliet = server.connect("juliet@localhost/balcony");
    private final TestClient romeo = server.connect("romeo@localhost/garden");

    private TestServer start(ServerConfig config) {
        Map<String, Consumer<Setup>> modules = ImModules.all();
        modules.put("commands", CommandsModule::new);
        modules.put("testing", Testing::new);
        modules.put("echo", EchoModule::new);
        modules.put("disco", DiscoModule::new);
        return TestServer.with(new MemoryStore(), time, config, modules);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String command(String to, String attributes, String content) {
        return "<iq type='set' id='c'" + (to.isEmpty() ? "" : " to='" + to + "'")
                + "><command xmlns='http://jabber.org/protocol/commands' " + attributes + ">" + content
                + "</command></iq>";
    }

    private static String form(String... fields) {
        StringBuilder form = new StringBuilder("<x xmlns='jabber:x:data' type='submit'>");
        for (int i = 0; i < fields.length; i += 2) {
            form.append("<field var='%s'><value>%s</value></field>".formatted(fields[i], fields[i + 1]));
        }
        return form.append("</x>").toString();
    }

    private static String session(Element answer) {
        return answer.children().get(0).requireAttr("sessionid");
    }

    /** Begins the command of two forms. @return the session */
    private String begin(TestClient client) {
        client.sends(command("localhost", "node='two'", ""));
        return session(client.receives("<iq type='result' id='c' from='localhost'>"
                + "<command xmlns='http://jabber.org/protocol/commands' node='two' status='executing'>"
                + "<actions execute='next'><next/></actions>"
                + "<x xmlns='jabber:x:data' type='form'><title>Name</title>"
                + "<field var='FORM_TYPE' type='hidden'><value>urn:test</value></field>"
                + "<field var='name' type='text-single' label='Name'><required/></field></x></command></iq>"));
    }

    private void step(TestClient client, String session, String attributes, String content) {
        client.sends(command("localhost", "node='two' sessionid='" + session + "' " + attributes, content));
    }

    // ---- the way through
    // ---------------------------------------------------------------------------------------------

    @Test
    void commandWithoutFormsIsDoneAtOnce() {
        juliet.sends(command("localhost", "node='hello' action='execute'", ""));
        juliet.receives("<iq type='result' id='c' from='localhost'>"
                + "<command xmlns='http://jabber.org/protocol/commands' node='hello' status='completed'>"
                + "<note type='info'>Hello juliet@localhost/balcony</note></command></iq>");
        juliet.sends(command("", "node='hello'", ""));
        juliet.receives("<iq type='result' id='c'><command xmlns='http://jabber.org/protocol/commands'"
                + " status='completed'/></iq>");
    }

    @Test
    void formsFollowEachOtherAndBackAgain() {
        String session = begin(juliet);
        step(juliet, session, "action='next'", form("name", "Ann", "unknown", "x"));
        juliet.receives("<iq type='result'><command xmlns='http://jabber.org/protocol/commands' status='executing'"
                + " sessionid='" + session + "'><actions execute='complete'><prev/><complete/></actions>"
                + "<x xmlns='jabber:x:data' type='form'><field var='age'>"
                + "<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:integer'>"
                + "<range min='1' max='150'/></validate></field></x></command></iq>");
        step(juliet, session, "action='prev'", "");
        // What was filled in is still there.
        juliet.receives("<iq type='result'><command xmlns='http://jabber.org/protocol/commands' status='executing'>"
                + "<x xmlns='jabber:x:data'><field var='name'><value>Ann</value></field></x></command></iq>");
        step(juliet, session, "", form("name", "Bea"));
        juliet.ignores();
        step(juliet, session, "action='complete'", form("age", "31"));
        juliet.receives("<iq type='result'><command xmlns='http://jabber.org/protocol/commands' status='completed'>"
                + "<note type='info'>Bea is 31</note></command></iq>");
        step(juliet, session, "action='complete'", form("age", "31"));
        juliet.receivesError("session-expired");
    }

    @Test
    void formMayComeAtOnce() {
        juliet.sends(command("localhost", "node='two'", form("name", "Ann")));
        Element answer = juliet.receives("<iq type='result'><command xmlns='http://jabber.org/protocol/commands'"
                + " status='executing'><actions execute='complete'><prev/><complete/></actions></command></iq>");
        step(juliet, session(answer), "", form("age", "5"));
        juliet.receives("<iq type='result'><command xmlns='http://jabber.org/protocol/commands' status='completed'>"
                + "<note>Ann is 5</note></command></iq>");
    }

    @Test
    void userCancels() {
        String session = begin(juliet);
        step(juliet, session, "action='cancel'", "");
        juliet.receives("<iq type='result'><command xmlns='http://jabber.org/protocol/commands' node='two'"
                + " sessionid='" + session + "' status='canceled'/></iq>");
        step(juliet, session, "", form("name", "Ann"));
        juliet.receivesError("session-expired");
    }

    @Test
    void answerMayComeLater() {
        romeo.sends(command("localhost", "node='later'", ""));
        String session = session(romeo.receives("<iq type='result' from='localhost'>"
                + "<command xmlns='http://jabber.org/protocol/commands' status='executing'/></iq>"));
        romeo.sends(command("localhost", "node='later' sessionid='" + session + "'", form("name", "wrong")));
        romeo.receivesError("conflict");
        romeo.sends(command("localhost", "node='later' sessionid='" + session + "'", form("name", "right")));
        romeo.receives("<iq type='result'><command xmlns='http://jabber.org/protocol/commands' status='completed'>"
                + "<note>at last</note></command></iq>");

        romeo.sends(command("localhost", "node='later'", form("name", "right")));
        romeo.receives(
                "<iq type='result'><command xmlns='http://jabber.org/protocol/commands' status='completed'/></iq>");
    }

    @Test
    void serviceHasCommandsOfItsOwn() {
        juliet.sends(command("echo.localhost", "node='register'", form("name", "a phone")));
        juliet.receives("<iq type='result' from='echo.localhost'>"
                + "<command xmlns='http://jabber.org/protocol/commands' status='completed'>"
                + "<note>echo.localhost of localhost has a phone</note></command></iq>");
        juliet.sends(command("localhost", "node='register'", form("name", "a phone")));
        juliet.receivesError("item-not-found");
    }

    // ---- refusals
    // ----------------------------------------------------------------------------------------------------

    @Test
    void wrongRequestsAreNamed() {
        Map.of(
                        "node='none'", "item-not-found",
                        "action='execute'", "bad-request",
                        "node='two' action='dance'", "malformed-action",
                        "node='two' action='next'", "bad-action",
                        "node='two' action='cancel'", "bad-action",
                        "node='two' sessionid='made-up'", "bad-sessionid",
                        "node='two' sessionid='00000000000000000000000000000000'", "session-expired",
                        "node='two' xml:lang='not a language'", "bad-locale")
                .forEach((attributes, condition) -> {
                    juliet.sends(command("localhost", attributes, ""));
                    assertThat(juliet.receivesError(condition).toString()).contains("type='error'");
                });
    }

    @Test
    void wrongFormIsNamedAndMayBeSentAgain() {
        String session = begin(juliet);
        for (String content : List.of(
                "",
                form("name", ""),
                form("name", "x".repeat(1_025)),
                form("FORM_TYPE", "urn:other", "name", "Ann"),
                form("name", "Ann", "name", "Bea"),
                "<x xmlns='jabber:x:data' type='form'><field var='name'><value>Ann</value></field></x>",
                "<x xmlns='jabber:x:data' type='submit'><field var='name'><value>a</value><value>b</value></field></x>",
                "<x xmlns='jabber:x:data' type='submit'>" + "<field/>".repeat(201) + "</x>")) {
            step(juliet, session, "", content);
            assertThat(juliet.receivesError("bad-request").toString())
                    .contains("<bad-payload xmlns='http://jabber.org/protocol/commands'");
        }
        step(juliet, session, "action='complete'", form("name", "Ann"));
        juliet.receivesError("bad-action");
        step(juliet, session, "action='prev'", "");
        juliet.receivesError("bad-action");
        step(juliet, session, "", form("name", "Ann"));
        juliet.ignores();
        for (String age : List.of("0", "151", "ten", "99999999999999999999", "-", "1.5")) {
            step(juliet, session, "", form("age", age));
            juliet.receivesError("bad-payload");
        }
        // The command itself may refuse as well.
        step(juliet, session, "", form("age", "13"));
        juliet.receivesError("conflict");
        step(juliet, session, "", form("age", "+014"));
        juliet.receives("<iq type='result'><command xmlns='http://jabber.org/protocol/commands' status='completed'>"
                + "<note>Ann is 14</note></command></iq>");
    }

    @Test
    void sessionBelongsToOneClientAndOneCommand() {
        String session = begin(juliet);
        step(romeo, session, "", form("name", "Ann"));
        romeo.receivesError("session-expired");
        TestClient phone = server.connect("juliet@localhost/phone");
        step(phone, session, "", form("name", "Ann"));
        phone.receivesError("session-expired");
        juliet.sends(command("localhost", "node='hello' sessionid='" + session + "'", ""));
        juliet.receivesError("bad-sessionid");
        step(juliet, session, "", form("name", "Ann"));
        juliet.receives("<iq type='result'/>");
    }

    @Test
    void sessionEndsWithTime() {
        String session = begin(juliet);
        time.advance(Dialogues.LIFETIME);
        step(juliet, session, "", form("name", "Ann"));
        juliet.receivesError("session-expired");
    }

    @Test
    void oldestSessionOfAnAccountMakesRoom() {
        String first = begin(juliet);
        String second = begin(juliet);
        for (int i = 0; i < Dialogues.MAX_OF_ASKER - 1; i++) {
            begin(juliet);
        }
        step(juliet, first, "", form("name", "Ann"));
        juliet.receivesError("session-expired");
        step(juliet, second, "", form("name", "Ann"));
        juliet.receives("<iq type='result'/>");
    }

    @Test
    void commandIsForWhomItIsFor() {
        romeo.sends(command("localhost", "node=\"juliet's\"".replace("\"juliet's\"", "'juliet&apos;s'"), ""));
        romeo.receivesError("forbidden");
        juliet.sends(command("localhost", "node='juliet&apos;s'", ""));
        juliet.receives("<iq type='result'><command xmlns='http://jabber.org/protocol/commands' status='completed'>"
                + "<note type='error'>Failed</note></command></iq>");
        // Another's account has none, and does not say so.
        romeo.sends(command("juliet@localhost", "node='hello'", ""));
        romeo.receivesError("service-unavailable");
    }

    // ---- disco
    // -------------------------------------------------------------------------------------------------------

    private static String disco(String what, String to, String node) {
        return "<iq type='get' id='d' to='" + to + "'><query xmlns='http://jabber.org/protocol/disco#" + what + "'"
                + (node.isEmpty() ? "" : " node='" + node + "'") + "/></iq>";
    }

    @Test
    void commandsAreListedForWhomTheyAre() {
        juliet.sends(disco("items", "localhost", "http://jabber.org/protocol/commands"));
        Element all = juliet.receives("<iq type='result'><query xmlns='http://jabber.org/protocol/disco#items'"
                + " node='http://jabber.org/protocol/commands'>"
                + "<item jid='localhost' node='hello' name='The hello'/></query></iq>");
        assertThat(all.children().get(0).children()).hasSize(4);
        romeo.sends(disco("items", "localhost", "http://jabber.org/protocol/commands"));
        assertThat(romeo.next().children().get(0).children()).hasSize(3);
        juliet.sends(disco("items", "echo.localhost", "http://jabber.org/protocol/commands"));
        juliet.receives("<iq type='result'><query xmlns='http://jabber.org/protocol/disco#items'>"
                + "<item jid='echo.localhost' node='register' name='The register'/></query></iq>");
    }

    @Test
    void discoSaysWhatACommandIs() {
        juliet.sends(disco("info", "localhost", "two"));
        juliet.receives("<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info' node='two'>"
                + "<identity category='automation' type='command-node' name='The two'/>"
                + "<feature var='http://jabber.org/protocol/commands'/><feature var='jabber:x:data'/></query></iq>");
        juliet.sends(disco("info", "localhost", "http://jabber.org/protocol/commands"));
        juliet.receives("<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'>"
                + "<identity category='automation' type='command-list'/></query></iq>");
        romeo.sends(disco("info", "localhost", "juliet&apos;s"));
        romeo.receivesError("item-not-found");
        for (String entity : List.of("localhost", "juliet@localhost", "echo.localhost")) {
            juliet.sends(disco("info", entity, ""));
            juliet.receives("<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'>"
                    + "<feature var='http://jabber.org/protocol/commands'/></query></iq>");
        }
    }

    @Test
    void hostWithoutTheModuleHasNoneOfItsCommands() {
        HostConfig host = HostConfig.defaults();
        ServerConfig usual = ServerConfig.defaults();
        HostConfig without = new HostConfig(
                host.admins(),
                host.registration(),
                host.reserveNames(),
                host.federation(),
                host.mechanisms(),
                host.retention(),
                host.tls(),
                host.web(),
                Map.of("testing", new ModuleConfig(false, new ModuleConfig.None())),
                host.limits());
        try (TestServer other = start(new ServerConfig(
                usual.data(),
                usual.durability(),
                Map.of("localhost", without),
                usual.listeners(),
                usual.components(),
                usual.federation(),
                usual.authentication(),
                usual.storage(),
                usual.http(),
                usual.push(),
                usual.limits()))) {
            TestClient client = other.connect("juliet@localhost/balcony");
            for (String entity : List.of("localhost", "echo.localhost")) {
                client.sends(command(entity, "node='register'", ""));
                client.receivesError("item-not-found");
                client.sends(disco("items", entity, "http://jabber.org/protocol/commands"));
                client.receivesError("item-not-found");
                client.sends(disco("info", entity, ""));
                assertThat(client.next().toString()).doesNotContain("protocol/commands");
            }
        }
    }

    // ---- the bound of all
    // --------------------------------------------------------------------------------------------

    @Test
    void tooManySessionsAreRefusedUntilSomeEnd() {
        Dialogues dialogues = new Dialogues();
        CommandStep.Show shown = new CommandStep.Show(NAME, true, (s, c, t) -> null);
        for (int i = 0; i < Dialogues.MAX; i++) {
            dialogues.add(dialogue("a" + i, shown), time.instant());
        }
        assertThatThrownBy(() -> dialogues.add(dialogue("b", shown), time.instant()))
                .hasMessageContaining("resource-constraint");
        assertThat(dialogues.take("a7", Jid.of("a7@localhost/r"), time.instant()))
                .isNotNull();
        assertThat(dialogues.count()).isEqualTo(Dialogues.MAX - 1);
        dialogues.add(dialogue("c", shown), time.instant());

        time.advance(Duration.ofMinutes(11));
        dialogues.add(dialogue("d", shown), time.instant());
        assertThat(dialogues.count()).isEqualTo(1);
    }

    private Dialogue dialogue(String name, CommandStep.Show shown) {
        return new Dialogue(
                name,
                Jid.of(name + "@localhost/r"),
                Jid.of("localhost"),
                "two",
                List.of(),
                shown,
                time.instant().plus(Dialogues.LIFETIME));
    }
}
