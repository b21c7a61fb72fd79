// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.admin;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.AccountState;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.commands.CommandsModule;
import im.dunlin.core.modules.disco.DiscoModule;
import im.dunlin.core.modules.registration.RegistrationModule;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.memory.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** XEP-0133. Escalus administers localhost, Friar administers other.example with an account of localhost. */
class AdminDialogueTest {
    private static final String ADMIN = "http://jabber.org/protocol/admin#";
    private static final BareJid ROMEO = BareJid.of("romeo@localhost");

    private final TestServer server = start();
    private final TestClient escalus = server.connect("escalus@localhost/court");
    private final TestClient romeo = server.connect("romeo@localhost/garden");

    private static TestServer start() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("commands", CommandsModule::new);
        modules.put("disco", DiscoModule::new);
        modules.put("registration", RegistrationModule::new);
        modules.put(AdminModule.KEY, AdminModule::new);
        try {
            return TestServer.with(new MemoryStore(), new TestTime(), new ConfigLoader(Map.of()).parse("""
                            hosts:
                              localhost: { admins: [ escalus@localhost, tybalt@localhost ], registration: { enabled: true } }
                              other.example: { admins: [ friar@localhost ] }
                            """), modules);
        } catch (im.dunlin.core.config.ConfigException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String command(String host, String node, String attributes, String content) {
        return "<iq type='set' id='c' to='" + host + "'><command xmlns='http://jabber.org/protocol/commands' node='"
                + ADMIN + node + "' " + attributes + ">" + content + "</command></iq>";
    }

    /** Field and value by turns; a field that is named again has several values. */
    private static String form(String... fields) {
        StringBuilder form = new StringBuilder("<x xmlns='jabber:x:data' type='submit'>");
        for (int i = 0; i < fields.length; i += 2) {
            form.append("<field var='").append(fields[i]).append("'>");
            for (String value : fields[i + 1].split(" ", -1)) {
                form.append("<value>").append(value).append("</value>");
            }
            form.append("</field>");
        }
        return form.append("</x>").toString();
    }

    private void runs(String node, String... fields) {
        escalus.sends(command("localhost", node, "", fields.length == 0 ? "" : form(fields)));
    }

    private Element completes(String content) {
        return escalus.receives("<iq type='result' id='c' from='localhost'>"
                + "<command xmlns='http://jabber.org/protocol/commands' status='completed'>" + content
                + "</command></iq>");
    }

    private static String note(String type, String text) {
        return "<note type='" + type + "'>" + text + "</note>";
    }

    private static String result(String var, String... values) {
        return "<x xmlns='jabber:x:data' type='result'>"
                + "<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/admin</value></field>"
                + "<field var='" + var + "'><value>" + String.join("</value><value>", values) + "</value></field></x>";
    }

    private @Nullable Credentials keys(BareJid account) {
        return server.turn(account, server.accounts()::find);
    }

    private Element logsIn(String user, String password) {
        byte[] plain = ("\0" + user + "\0" + password).getBytes(StandardCharsets.UTF_8);
        TestClient client = server.open("localhost");
        client.sends("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"
                + Base64.getEncoder().encodeToString(plain) + "</auth>");
        return client.next();
    }

    // ---- who
    // ---------------------------------------------------------------------------------------------------------

    /** "A server or component MUST advertise any administrative commands it supports via Service Discovery" (§3). */
    @Test
    void administratorsFindTheCommandsAndNobodyElse() {
        String items = "<iq type='get' id='d' to='localhost'><query xmlns='http://jabber.org/protocol/disco#items'"
                + " node='http://jabber.org/protocol/commands'/></iq>";
        escalus.sends(items);
        escalus.receives("<iq type='result' id='d'><query xmlns='http://jabber.org/protocol/disco#items'>"
                + "<item jid='localhost' node='" + ADMIN + "add-user' name='Add a user'/>"
                + "<item jid='localhost' node='" + ADMIN + "announce'/></query></iq>");

        romeo.sends(items);
        assertThat(romeo.next().toString()).doesNotContain(ADMIN);
        romeo.sends("<iq type='get' id='d' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info' node='"
                + ADMIN + "add-user'/></iq>");
        romeo.receivesError("item-not-found");
    }

    /** "administrative tasks ... MUST NOT be granted to users who lack service-level administrative privileges" (§6). */
    @Test
    void nobodyElseMayRunThem() {
        romeo.sends(command("localhost", "disable-user", "", form("accountjids", "escalus@localhost")));
        romeo.receivesError("forbidden");
        romeo.sends(command("localhost", "get-registered-users-list", "", ""));
        romeo.receivesError("forbidden");

        assertThat(Objects.requireNonNull(keys(escalus.jid().bare())).state()).isEqualTo(AccountState.ACTIVE);
    }

    @Test
    void administratorOfOneHostIsNoneOfAnother() {
        TestClient friar = server.connect("friar@localhost/cell");
        friar.sends(command("localhost", "get-online-users-num", "", ""));
        friar.receivesError("forbidden");
        friar.sends(command("other.example", "get-registered-users-num", "", ""));
        friar.receives("<iq type='result'><command xmlns='http://jabber.org/protocol/commands'>"
                + result("registeredusersnum", "0") + "</command></iq>");

        friar.sends(command("other.example", "delete-user", "", form("accountjids", "romeo@localhost")));
        friar.receivesError("not-allowed");
        assertThat(keys(ROMEO)).isNotNull();
    }

    @Test
    void nobodyCanRegisterTheNameOfAnAdministrator() {
        TestClient stranger = server.open("localhost");
        stranger.sends("<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>tybalt</username>"
                + "<password>x</password></query></iq>");
        server.settle();
        stranger.receivesError("conflict");
        assertThat(keys(BareJid.of("tybalt@localhost"))).isNull();
    }

    // ---- accounts
    // ----------------------------------------------------------------------------------------------------

    @Test
    void accountIsAddedWithItsPassword() {
        runs("add-user");
        Element shown = escalus.receives("<iq type='result'><command xmlns='http://jabber.org/protocol/commands'"
                + " status='executing'><actions execute='complete'><complete/></actions>"
                + "<x xmlns='jabber:x:data' type='form'><field var='accountjid' type='jid-single'><required/></field>"
                + "<field var='password' type='text-private'/><field var='password-verify' type='text-private'/>"
                + "</x></command></iq>");
        String session = shown.children().get(0).requireAttr("sessionid");
        escalus.sends(command(
                "localhost",
                "add-user",
                "sessionid='" + session + "'",
                form("accountjid", "juliet@localhost", "password", "R0m30", "password-verify", "R0m30")));
        completes(note("info", "juliet@localhost was added"));

        assertThat(logsIn("juliet", "R0m30").name().local()).isEqualTo("success");
    }

    @Test
    void nothingIsAddedWhenItCannotBe() {
        runs("add-user", "accountjid", "juliet@localhost", "password", "one", "password-verify", "other");
        escalus.receivesError("not-acceptable");
        runs("add-user", "accountjid", "romeo@localhost", "password", "one", "password-verify", "one");
        escalus.receivesError("conflict");
        runs("add-user", "accountjid", "juliet@localhost/balcony", "password", "one", "password-verify", "one");
        escalus.receivesError("jid-malformed");
        runs("add-user", "accountjid", "juliet@other.example", "password", "one", "password-verify", "one");
        escalus.receivesError("not-allowed");
        runs("add-user", "accountjid", "juliet@localhost", "password", "", "password-verify", "");
        escalus.receivesError("bad-request");

        assertThat(keys(BareJid.of("juliet@localhost"))).isNull();
    }

    @Test
    void passwordIsChangedAlsoOfWhoIsDisabled() {
        runs("disable-user", "accountjids", "romeo@localhost");
        escalus.ignores();
        runs("change-user-password", "accountjid", "romeo@localhost", "password", "new");
        completes(note("info", "romeo@localhost was given another password"));

        assertThat(logsIn("romeo", "new").toString()).contains("account-disabled");
        assertThat(Objects.requireNonNull(keys(ROMEO)).state()).isEqualTo(AccountState.DISABLED);
        runs("change-user-password", "accountjid", "nobody@localhost", "password", "new");
        escalus.receivesError("item-not-found");
    }

    /** "Disabling a user MUST result in the termination of any active sessions for the user" (§4.3). */
    @Test
    void disabledUsersAreDisconnectedAndEnabledAgainMayComeBack() {
        runs("disable-user", "accountjids", "romeo@localhost nobody@localhost");
        completes(note("info", "romeo@localhost was disabled") + note("warn", "nobody@localhost: not found"));

        assertThat(romeo.streamError())
                .extracting(StreamError::condition)
                .isEqualTo(StreamError.Condition.NOT_AUTHORIZED);
        List<ClientSession> sessions = server.turn(ROMEO, Turn::sessions);
        assertThat(sessions).isEmpty();
        runs("get-disabled-users-num");
        completes(result("disabledusersnum", "1"));
        runs("get-disabled-users-list");
        completes(result("disableduserjids", "romeo@localhost"));

        // "Re-enabling a user MUST result in granting the user the ability to access the service again." (§4.4)
        runs("reenable-user", "accountjids", "romeo@localhost");
        completes(note("info", "romeo@localhost was re-enabled"));
        assertThat(server.connect("romeo@localhost/garden").isBound()).isTrue();
    }

    @Test
    void deletedUsersAreGone() {
        runs("delete-user", "accountjids", "romeo@localhost");
        completes(note("info", "romeo@localhost was deleted"));

        assertThat(keys(ROMEO)).isNull();
        assertThat(romeo.isClosed()).isTrue();
        runs("delete-user", "accountjids", "romeo@localhost");
        escalus.receivesError("item-not-found");
    }

    @Test
    void administratorDoesNotLockOutThemselves() {
        runs("disable-user", "accountjids", "romeo@localhost escalus@localhost");
        escalus.receivesError("not-allowed");
        runs("delete-user", "accountjids", "escalus@localhost");
        escalus.receivesError("not-allowed");

        assertThat(Objects.requireNonNull(keys(ROMEO)).state()).isEqualTo(AccountState.ACTIVE);
    }

    /**
     * "if the JID is of the form user@host, the service MUST end all of the user's sessions; if the JID is of the form
     * user@host/resource, the service MUST end only the session associated with that resource" (§4.5).
     */
    @Test
    void sessionsEndAllOrOne() {
        TestClient orchard = server.connect("romeo@localhost/orchard");
        runs("end-user-session", "accountjids", "romeo@localhost/orchard");
        completes(note("info", "romeo@localhost/orchard was disconnected"));
        assertThat(orchard.isClosed()).isTrue();
        assertThat(romeo.isClosed()).isFalse();

        runs("end-user-session", "accountjids", "romeo@localhost/orchard");
        escalus.receivesError("item-not-found");
        runs("end-user-session", "accountjids", "romeo@localhost");
        completes(note("info", "romeo@localhost was disconnected"));
        assertThat(romeo.isClosed()).isTrue();
        assertThat(server.connect("romeo@localhost/garden").isBound()).isTrue();
    }

    /** §4.10. */
    @Test
    void statisticsOfAUserAreWhereTheyAreOnlineAndHowManyContactsTheyHave() {
        server.connect("romeo@localhost/orchard");
        romeo.sends(
                "<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='juliet@localhost'/></query></iq>");

        runs("get-user-stats", "accountjid", "romeo@localhost");

        Element answer = completes(result("rostersize", "1"));
        assertThat(answer.toString())
                .contains("<value>garden</value>", "<value>orchard</value>")
                .doesNotContain("juliet");
        runs("get-user-stats", "accountjid", "nobody@localhost");
        escalus.receivesError("item-not-found");
        runs("get-user-stats", "accountjid", "rosaline@other.example");
        escalus.receivesError("not-allowed");
        romeo.ignores();
        romeo.sends(command("localhost", "get-user-stats", "", form("accountjid", "escalus@localhost")));
        romeo.receivesError("forbidden");
    }

    @Test
    void moreAddressesThanAFormHasAreRefused() {
        StringBuilder jids = new StringBuilder("romeo@localhost");
        for (int i = 0; i < 100; i++) {
            jids.append(" user").append(i).append("@localhost");
        }
        runs("delete-user", "accountjids", jids.toString());
        escalus.receivesError("bad-request");
        assertThat(keys(ROMEO)).isNotNull();
    }

    // ---- lists
    // -------------------------------------------------------------------------------------------------------

    @Test
    void usersAreCountedAndListedForTheirHostAlone() {
        server.account("juliet@localhost");
        server.account("rosaline@other.example");
        server.connect("romeo@localhost/orchard");
        runs("get-registered-users-num");
        completes(result("registeredusersnum", "3"));
        runs("get-registered-users-list");
        completes(result("registereduserjids", "escalus@localhost", "juliet@localhost", "romeo@localhost"));
        runs("get-online-users-num");
        completes(result("onlineusersnum", "2"));
        runs("get-online-users-list");
        completes(result("onlineuserjids", "escalus@localhost", "romeo@localhost"));
    }

    @Test
    void longListIsCutAndSaysSo() {
        for (int i = 0; i < UserLists.MAX_LISTED; i++) {
            server.account("user" + i + "@localhost");
        }
        runs("get-registered-users-list");
        completes(note("warn", "These are the first 500 of 502."));
    }

    @Test
    void whoIsOnlineIsToldAnAnnouncement() {
        TestClient away = server.connect("rosaline@other.example/x");
        away.sends("<presence/>");
        away.ignores();
        romeo.sends("<presence/>");
        romeo.ignores();
        runs("announce", "subject", "Peace", "announcement", "Hear");
        completes(note("info", "Told 2 users"));

        romeo.receives("<message type='headline' from='localhost' to='romeo@localhost'>"
                + "<subject>Peace</subject><body>Hear</body></message>");
        away.receivesNothing();
        runs("announce", "subject", "Peace");
        escalus.receivesError("bad-request");
        romeo.receivesNothing();
    }
}
