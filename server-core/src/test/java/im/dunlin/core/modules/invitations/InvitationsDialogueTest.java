// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.invitations;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.commands.CommandsModule;
import im.dunlin.core.modules.disco.DiscoModule;
import im.dunlin.core.modules.registration.RegistrationModule;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.modules.roster.SubscriptionState;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.memory.MemoryStore;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** XEP-0401, XEP-0445, XEP-0379. Escalus is an administrator, Romeo is not; Juliet has no account yet. */
class InvitationsDialogueTest {
    private static final BareJid ROMEO = BareJid.of("romeo@localhost");
    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final BareJid PARIS = BareJid.of("paris@localhost");

    private static final String PREAUTH = "<preauth xmlns='urn:xmpp:pars:0' token='%s'/>";

    private final MemoryStore store = new MemoryStore();
    private final TestTime time = new TestTime();
    private TestServer server = start("{}");
    private TestClient romeo = server.connect("romeo@localhost/garden");

    private TestServer start(String options) {
        try {
            ServerConfig config = new ConfigLoader(Map.of(InvitationsModule.KEY, InvitationsModule.Options.class))
                    .parse("hosts: { localhost: { admins: [ escalus@localhost ], modules: { invitations: " + options
                            + " } } }");
            PublicAddresses addresses = new PublicAddresses(config, domain -> domain);
            addresses.listening(true, 443);
            Map<String, Consumer<Setup>> modules = new LinkedHashMap<>();
            modules.put("addresses", setup -> setup.provide(PublicAddresses.class, addresses));
            modules.putAll(SessionModules.all());
            modules.put("commands", CommandsModule::new);
            modules.put("disco", DiscoModule::new);
            modules.put(RegistrationModule.KEY, RegistrationModule::new);
            modules.put(InvitationsModule.KEY, InvitationsModule::new);
            return TestServer.with(store, time, config, modules);
        } catch (ConfigException e) {
            throw new AssertionError(e);
        }
    }

    private void restart(String options) {
        server.kill();
        server = start(options);
        romeo = server.connect("romeo@localhost/garden");
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String command(String node, String form) {
        return "<iq type='set' id='c' to='localhost'><command xmlns='http://jabber.org/protocol/commands'"
                + " node='urn:xmpp:invite#" + node + "'>" + form + "</command></iq>";
    }

    private static String form(String username, boolean subscription) {
        return "<x xmlns='jabber:x:data' type='submit'><field var='username'><value>" + username + "</value></field>"
                + "<field var='roster-subscription'><value>" + subscription + "</value></field></x>";
    }

    /** @return fields of the result */
    private static Map<String, String> fields(Element answer) {
        Element command = answer.children().get(0);
        assertThat(command.attr("status")).as(answer.toString()).isEqualTo("completed");
        Map<String, String> fields = new LinkedHashMap<>();
        Element form = Objects.requireNonNull(command.first(Name.of("jabber:x:data", "x")));
        form.children(Name.of("jabber:x:data", "field"))
                .forEach(field -> fields.put(
                        field.requireAttr("var"), String.valueOf(field.text(Name.of("jabber:x:data", "value")))));
        assertThat(fields).containsEntry("FORM_TYPE", "urn:xmpp:invite#invitation");
        return fields;
    }

    private static Map<String, String> makes(TestClient client, String node, String form) {
        client.sends(command(node, form));
        return fields(client.next());
    }

    private static String token(Map<String, String> link) {
        String uri = Objects.requireNonNull(link.get("uri"));
        return uri.replaceFirst(".*preauth=", "").replaceFirst(";.*", "");
    }

    private static String preauth(String token) {
        return "<iq type='set' id='p' to='localhost'><preauth xmlns='urn:xmpp:pars:0' token='" + token + "'/></iq>";
    }

    private static String account(String username) {
        return "<iq type='set' id='s'><query xmlns='jabber:iq:register'><username>" + username
                + "</username><password>secret</password></query></iq>";
    }

    private TestClient shows(String token) {
        TestClient stranger = server.open("localhost");
        stranger.sends(preauth(token));
        server.settle();
        return stranger;
    }

    private static void isAccepted(TestClient stranger, String id) {
        stranger.receives("<iq type='result' id='" + id + "'/>");
    }

    private void registers(TestClient stranger, String username) {
        stranger.sends(account(username));
        server.settle();
    }

    private boolean exists(BareJid account) {
        return server.accounts().find(account).join() != null;
    }

    private @Nullable SubscriptionState state(BareJid of, BareJid to) {
        RosterView roster = server.modules().provided(RosterView.class);
        return server.turn(of, turn -> roster.state(to, turn));
    }

    // ---- listed, and taken back
    // -----------------------------------------------------------------------------------------

    private static String takeBack(String content) {
        return "<iq type='set' id='t' to='localhost'><command xmlns='http://jabber.org/protocol/commands'"
                + " node='https://dunlin.im/protocol/invitations#take-back'>" + content + "</command></iq>";
    }

    private static String taking(String... ids) {
        return takeBack("<x xmlns='jabber:x:data' type='submit'><field var='invitations'><value>"
                + String.join("</value><value>", ids) + "</value></field></x>");
    }

    /** The values of the options that a client is given, in their order. */
    private static List<String> open(TestClient client) {
        client.sends(takeBack(""));
        Element form = client.next().children().get(0).first(Name.of("jabber:x:data", "x"));
        return form == null
                ? List.of()
                : form
                        .requireChild(Name.of("jabber:x:data", "field"))
                        .children(Name.of("jabber:x:data", "option"))
                        .stream()
                        .map(option -> option.requireText(Name.of("jabber:x:data", "value")))
                        .toList();
    }

    @Test
    void invitationThatIsTakenBackIsGoodForNothing() {
        String token = token(makes(romeo, "invite", ""));
        List<String> ids = open(romeo);
        assertThat(ids).singleElement().matches(id -> !token.contains(id));

        romeo.sends(taking(ids.get(0)));

        romeo.receives("<iq type='result' id='t'><command xmlns='http://jabber.org/protocol/commands'"
                + " status='completed'><note type='info'>Taken back: 1</note></command></iq>");
        assertThat(open(romeo)).isEmpty();
        TestClient juliet = server.connect("juliet@localhost/balcony");
        juliet.sends("<presence type='subscribe' to='romeo@localhost'>" + PREAUTH.formatted(token) + "</presence>");
        assertThat(state(ROMEO, JULIET)).isEqualTo(SubscriptionState.NONE_PENDING_IN);
    }

    @Test
    void nameIsFreeAgainWhenItsInvitationIsTakenBack() {
        TestClient escalus = server.connect("escalus@localhost/court");
        makes(escalus, "create-account", form("paris", false));
        escalus.sends(taking(open(escalus).get(0)));
        escalus.ignores();

        makes(escalus, "create-account", form("paris", false));
    }

    @Test
    void usersTakeBackTheirOwnAloneAndAdministratorsAnybodys() {
        makes(romeo, "invite", "");
        String id = open(romeo).get(0);
        TestClient juliet = server.connect("juliet@localhost/balcony");
        makes(juliet, "invite", "");
        TestClient escalus = server.connect("escalus@localhost/court");

        assertThat(open(juliet)).hasSize(1).doesNotContain(id);
        juliet.sends(taking(id));
        juliet.receivesError("bad-request");
        assertThat(open(escalus)).hasSize(2).contains(id);
        escalus.sends(taking(open(escalus).toArray(String[]::new)));
        assertThat(escalus.next().toString()).contains("Taken back: 2");
        assertThat(open(romeo)).isEmpty();
    }

    @Test
    void invitationThatWasUsedIsNotTakenBack() {
        restart("{ accountsByUsers: true }");
        String token = token(makes(romeo, "create-account", form("", false)));
        String id = open(romeo).get(0);
        TestClient stranger = shows(token);
        stranger.ignores();
        registers(stranger, "paris");

        assertThat(exists(PARIS)).isTrue();
        assertThat(open(romeo)).isEmpty();
        Boolean[] gone = {null};
        server.modules().provided(Invitations.class).takeBack("localhost", id, null, done -> gone[0] = done);
        server.settle();
        assertThat(gone[0]).isFalse();
    }

    @Test
    void invitationIsGoodForAsManyDaysAsItsMakerSays() {
        restart("{ accountsByUsers: true }");
        String days = "<x xmlns='jabber:x:data' type='submit'><field var='days'><value>%s</value></field></x>";

        assertThat(makes(romeo, "create-account", days.formatted("2")))
                .containsEntry("expire", "2026-01-03T00:00:00.000Z");
        for (String wrong : List.of("0", "366", "-1", "soon", "1e3")) {
            romeo.sends(command("create-account", days.formatted(wrong)));
            romeo.receivesError("bad-request");
        }
    }

    // ---- links
    // -------------------------------------------------------------------------------------------------------

    /** "The mandatory uri field MUST contain an XMPP URI", and "the expiration date MUST conform to the DateTime profile". */
    @Test
    void userGetsALinkAtOnce() {
        Map<String, String> link = makes(romeo, "invite", "");

        assertThat(link).containsEntry("uri", "xmpp:romeo@localhost?roster;preauth=" + token(link));
        assertThat(link).containsEntry("landing-url", "https://localhost/invite/" + token(link));
        assertThat(link).containsEntry("expire", "2026-01-08T00:00:00.000Z");
        assertThat(token(link)).matches("[0-9a-f]{32}");
    }

    /** "If the server does not ... allow in-band registration for invited users, the server MUST omit the ibr=y". */
    @Test
    void onlyWhoMayInviteToTheServerSaysSo() {
        TestClient escalus = server.connect("escalus@localhost/court");
        Map<String, String> link = makes(escalus, "invite", "");
        assertThat(link.get("uri")).endsWith(";ibr=y");
        assertThat(makes(escalus, "create-account", form("", false)))
                .extractingByKey("uri")
                .asString()
                .startsWith("xmpp:localhost?register;preauth=");
        assertThat(makes(escalus, "create-account", form("juliet", true)))
                .extractingByKey("uri")
                .asString()
                .startsWith("xmpp:juliet@localhost?register;preauth=");

        romeo.sends(command("create-account", form("juliet", false)));
        romeo.receivesError("forbidden");
        restart("{ accountsByUsers: true }");
        assertThat(makes(romeo, "invite", "").get("uri")).endsWith(";ibr=y");
        assertThat(makes(romeo, "create-account", form("", false))).containsKey("uri");
    }

    @Test
    void namesThatCannotBeAreRefused() {
        TestClient escalus = server.connect("escalus@localhost/court");
        escalus.sends(command("create-account", form("romeo", false)));
        escalus.receivesError("conflict");
        escalus.sends(command("create-account", form("a b", false)));
        escalus.receivesError("not-acceptable");
        makes(escalus, "create-account", form("juliet", false));
        escalus.sends(command("create-account", form("juliet", false)));
        escalus.receivesError("conflict");
    }

    @Test
    void invitationsOfAnAccountAreBoundedUntilTheyExpire() {
        restart("{ perAccount: 2 }");
        makes(romeo, "invite", "");
        makes(romeo, "invite", "");
        romeo.sends(command("invite", ""));
        romeo.receivesError("resource-constraint");

        server.after(Duration.ofDays(8));
        makes(romeo, "invite", "");
    }

    // ---- accounts
    // ----------------------------------------------------------------------------------------------------

    @Test
    void strangersNeedAnInvitation() {
        TestClient stranger = server.open("localhost");
        assertThat(stranger.features().toString())
                .contains("<register xmlns='urn:xmpp:ibr-token:0'/>")
                .contains("<register xmlns='http://jabber.org/features/iq-register'/>");
        stranger.sends("<iq type='get' id='f'><query xmlns='jabber:iq:register'/></iq>");
        stranger.receivesError("not-allowed");
        registers(stranger, "juliet");
        stranger.receivesError("not-allowed");

        assertThat(exists(JULIET)).isFalse();
    }

    /** "If the token provided by the client was unknown, invalid or expired, the server should return an appropriate error". */
    @Test
    void wrongTokensAreRefusedAndGuessingEndsTheStream() {
        TestClient stranger = server.open("localhost");
        stranger.sends("<iq type='set' id='p'><preauth xmlns='urn:xmpp:pars:0'/></iq>");
        stranger.receivesError("bad-request");
        stranger.sends(preauth("a".repeat(10_000)));
        stranger.receivesError("item-not-found");
        stranger.sends(preauth("0".repeat(32)));
        server.settle();
        stranger.receivesError("item-not-found");
        assertThat(stranger.isClosed()).isFalse();
        stranger.sends(preauth("1".repeat(32)));
        server.settle();
        stranger.receivesError("item-not-found");
        assertThat(stranger.streamError())
                .extracting(StreamError::condition)
                .isEqualTo(StreamError.Condition.POLICY_VIOLATION);
    }

    @Test
    void invitationToContactsAloneLetsNobodyRegister() {
        shows(token(makes(romeo, "invite", ""))).receivesError("item-not-found");
    }

    /** "single-use tokens MUST NOT be considered used until the actual registration has succeeded" (XEP-0445 §4). */
    @Test
    void tokenIsUsedByTheAccountThatIsMadeAndNoOther() {
        TestClient escalus = server.connect("escalus@localhost/court");
        String token = token(makes(escalus, "create-account", form("", false)));
        isAccepted(shows(token), "p");
        TestClient late = shows(token);
        isAccepted(late, "p");
        TestClient stranger = shows(token);
        isAccepted(stranger, "p");
        stranger.sends("<iq type='get' id='f'><query xmlns='jabber:iq:register'/></iq>");
        stranger.receives(
                "<iq type='result' id='f'><query xmlns='jabber:iq:register'><username/><password/></query></iq>");
        registers(stranger, "romeo");
        stranger.receivesError("conflict");
        registers(stranger, "juliet");
        isAccepted(stranger, "s");
        assertThat(exists(JULIET)).isTrue();

        registers(late, "paris");
        late.receivesError("not-allowed");
        shows(token).receivesError("item-not-found");
        assertThat(exists(PARIS)).isFalse();
    }

    /** Expiry "MUST only be checked at this point. Subsequent actions ... MUST NOT be rejected due to token expiry" (§4). */
    @Test
    void tokenThatExpiresAfterItWasShownIsGood() {
        TestClient escalus = server.connect("escalus@localhost/court");
        String token = token(makes(escalus, "create-account", form("", false)));
        server.after(Duration.ofDays(7).minusSeconds(1));
        TestClient stranger = shows(token);
        isAccepted(stranger, "p");
        server.after(Duration.ofSeconds(2));
        shows(token).receivesError("item-not-found");
        registers(stranger, "juliet");
        isAccepted(stranger, "s");
    }

    /** "The server MUST reserve the username at least until the corresponding token expires." (XEP-0401 §6.2) */
    @Test
    void nameIsKeptForWhoWasInvited() {
        TestClient escalus = server.connect("escalus@localhost/court");
        String juliets = token(makes(escalus, "create-account", form("juliet", false)));
        TestClient other = shows(token(makes(escalus, "create-account", form("", false))));
        isAccepted(other, "p");
        registers(other, "juliet");
        other.receivesError("conflict");

        TestClient stranger = shows(juliets);
        isAccepted(stranger, "p");
        registers(stranger, "paris");
        stranger.receivesError("not-acceptable");
        registers(stranger, "juliet");
        isAccepted(stranger, "s");
    }

    @Test
    void nameIsFreeAgainWhenItsInvitationHasExpired() {
        TestClient escalus = server.connect("escalus@localhost/court");
        makes(escalus, "create-account", form("juliet", false));
        server.after(Duration.ofDays(8));
        TestClient other = shows(token(makes(escalus, "create-account", form("", false))));
        isAccepted(other, "p");
        registers(other, "juliet");
        isAccepted(other, "s");
    }

    /** The server "will ensure that after the registration, Romeo is added to her roster with a full presence subscription". */
    @Test
    void whoRegistersAndWhoInvitedAreContacts() {
        restart("{ accountsByUsers: true }");
        romeo.sends("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
        romeo.ignores();
        String token = token(makes(romeo, "invite", ""));
        romeo.ignores();
        TestClient stranger = shows(token);
        isAccepted(stranger, "p");
        registers(stranger, "juliet");
        isAccepted(stranger, "s");

        assertThat(state(ROMEO, JULIET)).isEqualTo(SubscriptionState.BOTH);
        assertThat(state(JULIET, ROMEO)).isEqualTo(SubscriptionState.BOTH);
        // "the server MUST use roster pushes ... to inform the inviter about the invitee's new account" (XEP-0401
        // §5.5).
        romeo.receives(
                "<iq type='set'><query xmlns='jabber:iq:roster'><item jid='juliet@localhost' subscription='from'/></query></iq>");
        romeo.receives("<presence type='subscribed' from='juliet@localhost'/>");
        romeo.receives(
                "<iq type='set'><query xmlns='jabber:iq:roster'><item jid='juliet@localhost' subscription='both'/></query></iq>");
    }

    @Test
    void tokenThatWasTakenWhenTheServerDiedIsForThatNameAlone() {
        restart("{ accountsByUsers: true }");
        String token = token(makes(romeo, "invite", ""));
        TestClient stranger = shows(token);
        isAccepted(stranger, "p");
        registers(stranger, "juliet");
        restart("{ accountsByUsers: true }");

        shows(token).receivesError("item-not-found");
        assertThat(state(ROMEO, JULIET)).isEqualTo(SubscriptionState.BOTH);
    }

    @Test
    void invitationsGoWithTheirInviter() {
        restart("{ accountsByUsers: true }");
        String token = token(makes(romeo, "invite", ""));
        server.accounts().remove(ROMEO).join();
        server.settle();
        shows(token).receivesError("item-not-found");
    }

    // ---- contacts
    // ----------------------------------------------------------------------------------------------------

    /** XEP-0379 §3.4 and §3.5, by the server. */
    @Test
    void whoHasAnAccountBecomesAContact() {
        String token = token(makes(romeo, "invite", ""));
        TestClient juliet = server.connect("juliet@localhost/balcony");
        juliet.sends("<presence type='subscribed' to='romeo@localhost'/>");
        juliet.sends("<presence type='subscribe' to='romeo@localhost'><preauth xmlns='urn:xmpp:pars:0' token='" + token
                + "'/></presence>");
        assertThat(state(ROMEO, JULIET)).isEqualTo(SubscriptionState.BOTH);
        assertThat(state(JULIET, ROMEO)).isEqualTo(SubscriptionState.BOTH);

        // "in the typical scenario, each token may only be used once"
        TestClient paris = server.connect("paris@localhost/x");
        paris.sends("<presence type='subscribe' to='romeo@localhost'><preauth xmlns='urn:xmpp:pars:0' token='" + token
                + "'/></presence>");
        assertThat(state(ROMEO, PARIS)).isEqualTo(SubscriptionState.NONE_PENDING_IN);
    }

    /** "If a client receives a malformed or unknown 'preauth' token, it MUST ignore it" (§4.1), and a token must expire. */
    @Test
    void requestWithAnotherTokenIsForTheUser() {
        String token = token(makes(romeo, "invite", ""));
        String others = token(makes(server.connect("escalus@localhost/court"), "invite", ""));
        TestClient juliet = server.connect("juliet@localhost/balcony");
        for (String wrong : new String[] {"token='" + others + "'", "token=''", ""}) {
            juliet.sends("<presence type='subscribe' to='romeo@localhost'><preauth xmlns='urn:xmpp:pars:0' " + wrong
                    + "/></presence>");
            assertThat(state(ROMEO, JULIET)).isEqualTo(SubscriptionState.NONE_PENDING_IN);
        }
        server.after(Duration.ofDays(7));
        juliet.sends("<presence type='subscribe' to='romeo@localhost'><preauth xmlns='urn:xmpp:pars:0' token='" + token
                + "'/></presence>");
        assertThat(state(ROMEO, JULIET)).isEqualTo(SubscriptionState.NONE_PENDING_IN);
    }
}
