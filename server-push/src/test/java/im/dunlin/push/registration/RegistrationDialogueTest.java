// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import static im.dunlin.push.PushFixture.JULIET;
import static im.dunlin.push.PushFixture.enable;
import static im.dunlin.push.PushFixture.form;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.AccountState;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.push.AppServer;
import im.dunlin.push.PushFixture;
import im.dunlin.push.app.TestApps;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.payload.Capability;
import im.dunlin.push.payload.TigaseKey;
import im.dunlin.push.payload.WebPushKey;
import im.dunlin.storage.Cursor;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Store;
import im.dunlin.storage.memory.MemoryStore;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What clients may register, and how it is kept. */
class RegistrationDialogueTest {
    private static final String POINT =
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    private static final String AUTH = "BTBZMqHH6r4Tts7J_aSIgg";

    private final Store store = new MemoryStore();
    private final TestServer.TestTime time = new TestServer.TestTime();
    private TestServer server = start();
    private TestClient phone = server.connect("juliet@localhost/phone");

    private TestServer start() {
        return TestServer.with(store, time, PushFixture.modules(new TestApps(TestApps.IOS, TestApps.WEB)));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private List<Registration> registrations() {
        return Objects.requireNonNull(server.turn(
                JULIET, turn -> server.modules().provided(Registrations.class).of(turn)));
    }

    private void registers(String xml) {
        phone.sends(xml);
        phone.receives("<iq type='result' id='e'/>");
    }

    private Element refused(String xml, String condition) {
        phone.sends(xml);
        return phone.receivesError(condition);
    }

    /** Check 1. */
    @Test
    void onlyTheOwnAccountSaysThatItPushes() {
        String query = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
        phone.sends("<iq type='get' id='d' to='juliet@localhost'>" + query + "</iq>");
        assertThat(phone.next().toString())
                .contains(
                        "var='urn:xmpp:push:0'",
                        "var='https://dunlin.im/protocol/push/1'",
                        "var='tigase:push:encrypt:0'",
                        "var='tigase:push:encrypt:aes-128-gcm'",
                        "var='tigase:push:priority:0'",
                        "var='tigase:push:jingle:0'",
                        "var='tigase:push:filter:muted:0'",
                        "var='tigase:push:filter:ignore-unknown:0'",
                        "var='tigase:push:filter:groupchat:0'",
                        "var='urn:xmpp:push2:0'",
                        "var='urn:xmpp:push2:match:important'");

        TestClient romeo = server.connect("romeo@localhost/orchard");
        romeo.sends("<iq type='get' id='d' to='juliet@localhost'>" + query + "</iq>");
        assertThat(romeo.next().toString()).doesNotContain("push");
        romeo.sends("<iq type='get' id='d' to='localhost'>" + query + "</iq>");
        assertThat(romeo.next().toString()).doesNotContain("urn:xmpp:push");
    }

    @Test
    void clientWhoseAccessIsTakenBackIsWokenNoMore() {
        registers(enable("app.localhost", "n", ""));
        TestClient desk = server.connect("juliet@localhost/desk");
        desk.ignores();
        desk.sends("<iq type='get' id='l'><list xmlns='urn:xmpp:cam:0'/></iq>");
        String phones = desk.next().firstChild().children().stream()
                .filter(client -> client.toString().contains("<device>phone</device>"))
                .map(client -> client.attr("id"))
                .findFirst()
                .orElseThrow();

        desk.sends("<iq type='set' id='r'><revoke xmlns='urn:xmpp:cam:0' id='" + phones + "'/></iq>");

        assertThat(registrations()).isEmpty();
    }

    @Test
    void devicesOfADisabledAccountAreWokenNoMore() {
        registers(enable("app.localhost", "n", ""));

        server.turn(JULIET, turn -> server.accounts().setState(turn, AccountState.DISABLED));

        assertThat(registrations()).isEmpty();
    }

    /** Check 2. */
    @Test
    void incompleteOrOwnServiceIsABadRequest() {
        refused("<iq type='set' id='e'><enable xmlns='urn:xmpp:push:0' node='n'/></iq>", "bad-request");
        refused("<iq type='set' id='e'><enable xmlns='urn:xmpp:push:0' jid='app.localhost'/></iq>", "bad-request");
        refused("<iq type='set' id='e'><enable xmlns='urn:xmpp:push:0' jid='a@b@c' node='n'/></iq>", "bad-request");
        refused(enable("juliet@localhost/phone", "n", ""), "bad-request");
        refused(enable("juliet@localhost", "n", ""), "bad-request");
        refused(
                "<iq type='get' id='e'><enable xmlns='urn:xmpp:push:0' jid='app.localhost' node='n'/></iq>",
                "not-allowed");
        assertThat(registrations()).isEmpty();
    }

    @Test
    void nobodyRegistersForAnother() {
        TestClient romeo = server.connect("romeo@localhost/orchard");
        romeo.sends("<iq type='set' id='e' to='juliet@localhost'>"
                + "<enable xmlns='urn:xmpp:push:0' jid='app.localhost' node='n'/></iq>");
        romeo.receivesError("forbidden");
        romeo.sends("<iq type='set' id='e' to='juliet@localhost'>"
                + "<disable xmlns='urn:xmpp:push:0' jid='app.localhost'/></iq>");
        romeo.receivesError("forbidden");
        assertThat(registrations()).isEmpty();
    }

    /** Check 4, as far as what is kept. */
    @Test
    void secondEnablingOfANodeReplacesTheFirst() {
        registers(enable(AppServer.JID, "n", form("one")));
        registers(enable(AppServer.JID, "n", form("two")));

        assertThat(registrations())
                .singleElement()
                .satisfies(kept -> assertThat(String.valueOf(kept.options()))
                        .contains("two")
                        .doesNotContain("one"));
    }

    @Test
    void newNodeOfTheSameDeviceReplacesItsOld() {
        registers(enable("n1"));
        registers(enable("n2"));
        TestClient tab = server.connect("juliet@localhost/tab");
        tab.sends(enable("n3"));
        tab.receives("<iq type='result' id='e'/>");

        assertThat(registrations()).extracting(Registration::node).containsExactly("n2", "n3");
    }

    /** Check 5, as far as what is kept. */
    @Test
    void disablingNamesOneNodeOrAWholeService() {
        for (int i = 1; i <= 3; i++) {
            TestClient device = server.connect("juliet@localhost/d" + i);
            device.sends(enable("one" + i));
            device.sends(enable("other.localhost", "two" + i, ""));
            device.ignores();
        }
        registers("<iq type='set' id='e'><disable xmlns='urn:xmpp:push:0' jid='app.localhost' node='one2'/></iq>");
        assertThat(registrations())
                .extracting(Registration::node)
                .containsExactly("one1", "two1", "two2", "one3", "two3");
        registers("<iq type='set' id='e'><disable xmlns='urn:xmpp:push:0' jid='other.localhost'/></iq>");
        assertThat(registrations()).extracting(Registration::node).containsExactly("one1", "one3");
        // What is not there is disabled already.
        registers("<iq type='set' id='e'><disable xmlns='urn:xmpp:push:0' jid='other.localhost'/></iq>");
        refused("<iq type='set' id='e'><disable xmlns='urn:xmpp:push:0'/></iq>", "bad-request");
    }

    @Test
    void keysAreLookedAtAtOnce() {
        String tigase = "<encrypt xmlns='tigase:push:encrypt:0' alg='%s'>%s</encrypt>";
        String key = Base64.getEncoder().encodeToString(new byte[16]);
        refused(enable("app.localhost", "n", tigase.formatted("rot13", key)), "feature-not-implemented");
        refused(enable("app.localhost", "n", tigase.formatted("aes-128-gcm", "AAAA")), "bad-request");
        refused(enable("app.localhost", "n", tigase.formatted("aes-128-gcm", "no base64")), "bad-request");
        registers(enable("app.localhost", "n", tigase.formatted("aes-128-gcm", key)));
        assertThat(registrations().get(0).wishes().key()).isInstanceOf(TigaseKey.class);
    }

    /** Check 19. */
    @Test
    void pointOffTheCurveIsABadRequest() {
        String settings =
                "<settings xmlns='https://dunlin.im/protocol/push/1'><key alg='webpush' auth='%s'>%s</key></settings>";
        byte[] point = Base64.getUrlDecoder().decode(POINT);
        byte[] off = point.clone();
        off[64] ^= 1;
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        refused(enable("app.localhost", "n", settings.formatted(AUTH, encoder.encodeToString(off))), "bad-request");
        refused(
                enable("app.localhost", "n", settings.formatted(AUTH, encoder.encodeToString(new byte[65]))),
                "bad-request");
        refused(
                enable(
                        "app.localhost",
                        "n",
                        settings.formatted(AUTH, encoder.encodeToString(java.util.Arrays.copyOf(point, 64)))),
                "bad-request");
        refused(
                enable("app.localhost", "n", settings.formatted(encoder.encodeToString(new byte[15]), POINT)),
                "bad-request");
        registers(enable("app.localhost", "n", settings.formatted(AUTH, POINT)));
        assertThat(registrations().get(0).wishes().key()).isInstanceOf(WebPushKey.class);
    }

    private static final String SETTINGS = "<settings xmlns='https://dunlin.im/protocol/push/1'>%s</settings>";
    private static final String KEY = "<key alg='webpush' auth='" + AUTH + "'>" + POINT + "</key>";
    private static final String TOKEN = "0123456789abcdef".repeat(4);

    private static String direct(String settings) {
        return enable("localhost", "n", SETTINGS.formatted(settings));
    }

    @Test
    void deviceOfAnAppOfTheHostNamesItsToken() {
        registers(direct("<app>capulet-ios</app><token environment='sandbox'>" + TOKEN + "</token><call-token>"
                + TOKEN.toUpperCase(Locale.ROOT) + "</call-token><locale>de-AT</locale>" + KEY));
        Wishes wishes = registrations().get(0).wishes();
        assertThat(wishes.direct())
                .isEqualTo(new Direct(
                        "capulet-ios",
                        new PushAddress.Token(TOKEN, PushAddress.Environment.SANDBOX),
                        new PushAddress.Token(TOKEN.toUpperCase(Locale.ROOT), null)));
        assertThat(wishes.capabilities()).containsExactly(Capability.VOIP);
        assertThat(wishes.locale()).isEqualTo(Locale.forLanguageTag("de-AT"));
        assertThat(wishes.key()).isEqualTo(WebPushKey.of(POINT, AUTH));
        assertThat(registrations().get(0).toString() + wishes.direct()).doesNotContain(TOKEN);
    }

    @Test
    void subscriptionNamesItsEndpointAndAKey() {
        String endpoint = "<app>capulet-web</app><endpoint>https://push.example/s/1?q=2</endpoint>";
        refused(direct(endpoint), "bad-request");
        registers(direct(endpoint + KEY));
        assertThat(Objects.requireNonNull(registrations().get(0).wishes().direct())
                        .address())
                .isEqualTo(new PushAddress.Subscription(URI.create("https://push.example/s/1?q=2")));
    }

    /** Check 44, as far as what may be registered. */
    @Test
    void endpointIsOfHttpsAlone() {
        for (String endpoint : List.of(
                "http://push.example/",
                "https:/push.example/",
                "https://u@push.example/",
                "https://push.example/#f",
                "no url",
                "file:///etc/passwd",
                "https://push.example/" + "x".repeat(1_000))) {
            refused(direct("<app>capulet-web</app><endpoint>" + endpoint + "</endpoint>" + KEY), "bad-request");
        }
    }

    /** Check 44, as far as names. */
    @Test
    void endpointIsNoneOfTheServersOwnHosts() {
        for (String host : List.of("localhost", "LocalHost", "push.localhost", "a.b.localhost:8443")) {
            refused(direct("<app>capulet-web</app><endpoint>https://" + host + "/s</endpoint>" + KEY), "bad-request");
        }
        registers(direct("<app>capulet-web</app><endpoint>https://notlocalhost/s</endpoint>" + KEY));
    }

    @Test
    void addressIsWholeOrABadRequest() {
        String token = "<token>" + TOKEN + "</token>";
        for (String settings : List.of(
                "<app>capulet-ios</app>",
                token,
                "<app>no app!</app>" + token,
                "<app>capulet-ios</app><token>short</token>",
                "<app>capulet-ios</app><token environment='moon'>" + TOKEN + "</token>",
                "<app>capulet-ios</app>" + token + "<endpoint>https://push.example/</endpoint>",
                "<app>capulet-ios</app><call-token>" + TOKEN + "</call-token>")) {
            refused(direct(settings), "bad-request");
        }
        refused(direct("<app>montague</app>" + token), "item-not-found");
        refused(enable("app.localhost", "n", SETTINGS.formatted("<app>capulet-ios</app>" + token)), "bad-request");
        refused(enable("localhost", "n", ""), "bad-request");
        assertThat(registrations()).isEmpty();
    }

    @Test
    void accountSaysOfWhichAppsTheHostWakesDevices() {
        phone.sends("<iq type='get' id='d' to='juliet@localhost'>"
                + "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        assertThat(phone.next().toString())
                .contains("<value>https://dunlin.im/protocol/push/1</value>")
                .contains("<field var='app#capulet-ios'><value/></field>")
                .contains("<field var='app#capulet-web'><value>BJkb</value></field>");
    }

    @Test
    void hostIsNoServiceOfOtherDialects() {
        String settings = SETTINGS.formatted("<app>capulet-ios</app><token>" + TOKEN + "</token>");
        refused(
                "<iq type='set' id='e'><enable xmlns='urn:xmpp:push2:0'><service>localhost</service><client>c</client>"
                        + settings + "</enable></iq>",
                "bad-request");
        refused(enable("localhost", "n".repeat(129), settings), "policy-violation");
        registers(enable("localhost", "n".repeat(128), settings));
    }

    private static final String NOTIFY_ONLY = "<send xmlns='urn:xmpp:push2:send:notify-only:0'/>";

    private static String push2(String matches) {
        return "<iq type='set' id='e'><enable xmlns='urn:xmpp:push2:0'><service>app.localhost</service>"
                + "<client>c</client>" + matches + "</enable></iq>";
    }

    private static String match(String profile, String content) {
        return "<match profile='urn:xmpp:push2:match:" + profile + "'>" + content + "</match>";
    }

    @Test
    void push2IsRefusedWhatIsNotDone() {
        for (String profile : List.of("all", "archived", "archived-with-body", "x")) {
            refused(push2(match(profile, NOTIFY_ONLY)), "feature-not-implemented");
        }
        refused(push2(""), "bad-request");
        refused(push2("<match>" + NOTIFY_ONLY + "</match>"), "bad-request");
        String important = match("important", NOTIFY_ONLY);
        refused(push2(important + important), "bad-request");
        refused(push2(match("important", "")), "feature-not-implemented");
        refused(push2(match("important", "<send xmlns='urn:example:pigeon'/>")), "feature-not-implemented");
        assertThat(registrations()).isEmpty();
        registers(push2(important));
    }

    @Test
    void push2GraceIsAnyTimeUpToADay() {
        for (String grace : List.of("", "0", "-1", "soon", "86401", "100000")) {
            refused(push2(match("important", "<grace>" + grace + "</grace>" + NOTIFY_ONLY)), "bad-request");
        }
        registers(push2(match("important", "<grace> 86400 </grace>" + NOTIFY_ONLY)));
        assertThat(registrations().get(0).wishes().grace()).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void push2FiltersByChat() {
        registers("<iq type='set' id='e'><enable xmlns='urn:xmpp:push2:0'><service>app.localhost</service>"
                + "<client>c</client><match profile='urn:xmpp:push2:match:important'>"
                + "<filter jid='tybalt@localhost'/><filter jid='garden@rooms.localhost'><mention/></filter>"
                + NOTIFY_ONLY + "</match></enable></iq>");
        Filters filters = registrations().get(0).wishes().filters();
        assertThat(filters.muted()).containsExactly(BareJid.of("tybalt@localhost"));
        assertThat(filters.mentions()).containsExactly(BareJid.of("garden@rooms.localhost"));
        assertThat(filters.rooms()).isNull();
    }

    @Test
    void secretOfARegistrationIsItsOwn() {
        registers(enable("n1"));
        TestClient tab = server.connect("juliet@localhost/tab");
        tab.sends(enable("n2"));
        tab.ignores();
        List<String> secrets = Objects.requireNonNull(server.turn(JULIET, turn -> {
            Registrations all = server.modules().provided(Registrations.class);
            return all.of(turn).stream()
                    .map(each -> Base64.getEncoder()
                            .encodeToString(all.recipient(each, turn).secret()))
                    .toList();
        }));
        assertThat(secrets).hasSize(2).doesNotHaveDuplicates().allMatch(secret -> secret.length() > 40);
    }

    @Test
    void push2MayBringAKey() {
        String enable = "<iq type='set' id='e'><enable xmlns='urn:xmpp:push2:0'><service>app.localhost</service>"
                + "<client>c</client><match profile='urn:xmpp:push2:match:important'>"
                + "<send xmlns='urn:xmpp:push2:send:sce+rfc8291+rfc8292:0'><ua-public>%s</ua-public>"
                + "<auth-secret>%s</auth-secret></send></match></enable></iq>";
        Base64.Encoder base64 = Base64.getEncoder();
        byte[] point = Base64.getUrlDecoder().decode(POINT);
        String secret = base64.encodeToString(Base64.getUrlDecoder().decode(AUTH));
        refused(enable.formatted("no base64", secret), "bad-request");
        String signed = enable.replace("</auth-secret>", "</auth-secret><jwt-alg>%s</jwt-alg><jwt-key>AAAA</jwt-key>");
        refused(signed.formatted(base64.encodeToString(point), secret, "none"), "feature-not-implemented");
        refused(signed.formatted(base64.encodeToString(point), secret, "ES256"), "bad-request");
        refused(enable.formatted(base64.encodeToString(new byte[65]), secret), "bad-request");
        registers(enable.formatted(base64.encodeToString(point), secret));
        assertThat(registrations().get(0).wishes().key()).isEqualTo(WebPushKey.of(POINT, AUTH));
    }

    /** Check 46. */
    @Test
    void eleventhRegistrationIsRefusedUnlessOneIsStale() {
        for (int i = 1; i <= 10; i++) {
            TestClient device = server.connect("juliet@localhost/d" + i);
            device.sends(enable("n" + i));
            device.receives("<iq type='result' id='e'/>");
            device.leaves();
        }
        refused(enable("n11"), "resource-constraint");
        assertThat(registrations()).hasSize(10);

        server.after(Duration.ofDays(31));
        server.connect("juliet@localhost/d1");
        registers(enable("n11"));
        assertThat(registrations())
                .extracting(Registration::node)
                .hasSize(10)
                .contains("n1", "n11")
                .doesNotContain("n2");
    }

    /** Check 46. */
    @Test
    void registrationsThatChangeAllTheTimeAreRefused() {
        for (int i = 1; i <= 20; i++) {
            registers(enable("n" + i));
            // Saying the same again is no change.
            registers(enable("n" + i));
        }
        refused(enable("n21"), "policy-violation");
        assertThat(registrations()).extracting(Registration::node).containsExactly("n20");
        server.after(Duration.ofHours(1));
        registers(enable("n21"));
    }

    @Test
    void whatIsRefusedCountsAsAChange() {
        for (int i = 1; i <= 20; i++) {
            refused("<iq type='set' id='e'><enable xmlns='urn:xmpp:push:0' jid='app.localhost'/></iq>", "bad-request");
        }
        refused(enable("n"), "policy-violation");
        assertThat(registrations()).isEmpty();
        server.after(Duration.ofHours(1));
        registers(enable("n"));
    }

    @Test
    void algorithmThatIsNotKnownIsForTheClientToChange() {
        Element error = refused(
                enable("app.localhost", "n", "<encrypt xmlns='tigase:push:encrypt:0' alg='rot13'>AA==</encrypt>"),
                "feature-not-implemented");
        assertThat(error.toString()).contains("type='modify'");
    }

    @Test
    void whatIsTooLargeIsRefused() {
        refused(enable("app.localhost", "n".repeat(4_097), ""), "policy-violation");
        refused(enable("app.localhost", "n", form("x".repeat(5_000))), "policy-violation");
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            fields.append("<field var='f").append(i).append("'/>");
        }
        refused(enable("app.localhost", "n", form("x").replace("</x>", fields + "</x>")), "policy-violation");
        refused(enable("app.localhost", "n", "<any xmlns='x:y'>" + "x".repeat(17_000) + "</any>"), "policy-violation");
        StringBuilder items = new StringBuilder();
        for (int i = 0; i <= Filters.MAX_ITEMS; i++) {
            items.append("<item jid='").append(i).append("'/>");
        }
        refused(
                enable("app.localhost", "n", "<muted xmlns='tigase:push:filter:muted:0'>" + items + "</muted>"),
                "policy-violation");
        refused(enable("app.localhost", "n", form("x") + form("y")), "bad-request");
        assertThat(registrations()).isEmpty();
    }

    @Test
    void extensionsAreKeptAsTheyCame() {
        registers(enable(
                "app.localhost",
                "n",
                form("s") + "<any xmlns='x:y' a='1'><b/></any>"
                        + "<jingle xmlns='tigase:push:jingle:0'/><priority xmlns='tigase:push:priority:0'/>"
                        + "<ignore-unknown xmlns='tigase:push:filter:ignore-unknown:0'/>"));
        server.close();
        server = start();

        Registration kept = registrations().get(0);
        assertThat(kept.extensions()).first().hasToString("<any xmlns='x:y' a='1'><b/></any>");
        assertThat(kept.wishes().capabilities())
                .containsExactlyInAnyOrder(Capability.TIGASE_JINGLE, Capability.TIGASE_PRIORITY);
        assertThat(kept.wishes().filters().ignoresStrangers()).isTrue();
    }

    @Test
    void registrationBelongsToTheDeviceAndNotToTheSession() {
        registers(enable("n"));
        phone.leaves();
        phone = server.connect("juliet@localhost/phone");
        assertThat(registrations())
                .singleElement()
                .satisfies(kept -> assertThat(kept.device()).isEqualTo("r:phone"));
        // The same node from another device: the app was moved.
        TestClient tab = server.connect("juliet@localhost/tab");
        tab.sends(enable("n"));
        assertThat(registrations())
                .singleElement()
                .satisfies(kept -> assertThat(kept.device()).isEqualTo("r:tab"));
    }

    /** Check 47. */
    @Test
    void nothingSecretStandsInTheStoreInClear() {
        String key = Base64.getEncoder().encodeToString("0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
        registers(enable(
                "app.localhost",
                "device-token-of-juliet",
                form("publish-secret") + "<encrypt xmlns='tigase:push:encrypt:0' alg='aes-128-gcm'>" + key
                        + "</encrypt>"));

        List<String> rows = new ArrayList<>();
        try (Cursor all = store.cursor(Registrations.TABLE, new byte[0], new byte[] {(byte) 0xFF}, Direction.FORWARD)) {
            while (all.next()) {
                rows.add(new String(all.key(), StandardCharsets.ISO_8859_1));
                rows.add(new String(all.value(), StandardCharsets.ISO_8859_1));
            }
        }
        assertThat(rows)
                .hasSize(2)
                .noneMatch(row -> row.contains("device-token-of-juliet")
                        || row.contains("publish-secret")
                        || row.contains(key)
                        || row.contains("0123456789abcdef"));
        assertThat(registrations().get(0)).asString().doesNotContain("token", "secret");
    }

    /** Check 48, as far as registrations. */
    @Test
    void removedAccountLeavesNoRegistration() {
        registers(enable("n"));
        server.turn(JULIET, turn -> {
            turn.removeOwner(turn.now());
            return null;
        });
        try (Cursor all = store.cursor(Registrations.TABLE, new byte[0], new byte[] {(byte) 0xFF}, Direction.FORWARD)) {
            assertThat(all.next()).isFalse();
        }
        server.connect("juliet@localhost/new");
        assertThat(registrations()).isEmpty();
    }

    private Element binds(String bind) {
        server.account("juliet@localhost", "r0m30");
        TestClient client = server.open("localhost");
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>"
                + Base64.getEncoder().encodeToString("\0juliet\0r0m30".getBytes(StandardCharsets.UTF_8))
                + "</initial-response><user-agent id='D4565FA7-4D72-4749-B3D3-740EDBF87770'/>"
                + "<bind xmlns='urn:xmpp:bind:0'>" + bind + "</bind></authenticate>");
        return client.next().requireChild(Name.of("urn:xmpp:bind:0", "bound"));
    }

    @Test
    void bindMayEnable() {
        Element bound = binds("<enable xmlns='urn:xmpp:push:0' jid='app.localhost' node='n'/>");

        assertThat(bound.children()).first().hasToString("<enabled xmlns='urn:xmpp:push:0'/>");
        assertThat(registrations())
                .singleElement()
                .satisfies(kept -> assertThat(kept.device()).isEqualTo("i:d4565fa7-4d72-4749-b3d3-740edbf87770"));
    }

    @Test
    void bindSucceedsThoughItsRegistrationDoesNot() {
        assertThat(binds("<enable xmlns='urn:xmpp:push:0' jid='app.localhost'/>")
                        .children())
                .first()
                .asString()
                .startsWith("<failed xmlns='urn:xmpp:push:0'><bad-request ");
        assertThat(registrations()).isEmpty();
    }

    @Test
    void unusedDeviceIsDisabledAndLaterForgotten() {
        registers(enable("n"));
        phone.leaves();
        server.after(Duration.ofDays(61));
        server.connect("juliet@localhost/other");
        assertThat(registrations().get(0).health().isDisabled()).isTrue();
        server.after(Duration.ofDays(31));
        server.connect("juliet@localhost/another");
        assertThat(registrations()).isEmpty();
    }
}
