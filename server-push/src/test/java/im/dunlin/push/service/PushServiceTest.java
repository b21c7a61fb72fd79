// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.service;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.commands.CommandsModule;
import im.dunlin.core.modules.disco.DiscoModule;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import im.dunlin.push.Wiretap;
import im.dunlin.push.app.Apps;
import im.dunlin.push.app.TestApps;
import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.storage.Cursor;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Store;
import im.dunlin.storage.memory.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What devices register with {@code push.HOST}, and what servers publish there. */
class PushServiceTest {
    private static final String SERVICE = "push.localhost";
    private static final String TOKEN = "0123456789abcdef".repeat(4);
    private static final String CALL_TOKEN = "fedcba9876543210".repeat(4);
    private static final String SUMMARY = "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>"
            + "urn:xmpp:push:summary</value></field><field var='last-message-sender'><value>romeo@montague.example</value>"
            + "</field><field var='last-message-body'><value>Wherefore art thou?</value></field></x>";
    private static final String QUIET = "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>"
            + "urn:xmpp:push:summary</value></field><field var='message-count'><value>1</value></field></x>";

    private final Store store = new MemoryStore();
    private final TestServer.TestTime time = new TestServer.TestTime();
    private final OtherServer other = new OtherServer();
    private TestApps apps = new TestApps(TestApps.IOS, TestApps.ANDROID);
    private TestServer server = start(apps);

    private TestServer start(TestApps with) {
        return start(store, with);
    }

    private TestServer start(Store store, TestApps with) {
        Map<String, Consumer<Setup>> modules = new LinkedHashMap<>(SessionModules.all());
        modules.put("commands", CommandsModule::new);
        modules.put("disco", DiscoModule::new);
        modules.put("apps", setup -> setup.provide(Apps.class, with));
        modules.put(PushServiceModule.KEY, PushServiceModule::new);
        modules.put("other", other::declare);
        return TestServer.with(store, time, modules);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    // ---- registering

    private static String command(String node, Map<String, String> fields) {
        StringBuilder form = new StringBuilder();
        fields.forEach((name, value) -> form.append("<field var='" + name + "'><value>" + value + "</value></field>"));
        return "<command xmlns='http://jabber.org/protocol/commands' action='execute' node='" + node
                + "'><x xmlns='jabber:x:data' type='submit'>" + form + "</x></command>";
    }

    private Map<String, String> registered(TestClient client, String node, Map<String, String> fields) {
        client.sends("<iq type='set' id='c' to='" + SERVICE + "'>" + command(node, fields) + "</iq>");
        Element answer = client.next();
        assertThat(answer.attr("type")).as("%s", answer).isEqualTo("result");
        return result(answer.children().get(0));
    }

    private static Map<String, String> result(Element command) {
        assertThat(command.attr("status")).isEqualTo("completed");
        Map<String, String> result = new HashMap<>();
        Element form = command.first(FormFields.FORM);
        if (form != null) {
            form.children(FormFields.FIELD)
                    .forEach(field -> result.put(field.attr("var"), field.text(FormFields.VALUE)));
        }
        return result;
    }

    private Map<String, String> conversations(TestClient client, String token) {
        return registered(client, "register-push-fcm", Map.of("token", token, "android-id", "phone"));
    }

    private Map<String, String> tigase(TestClient client) {
        // Its clients find the key of an account by that, and are told it by their own service as well.
        Wiretap.allows("juliet@localhost");
        return registered(
                client,
                "register-device",
                Map.of(
                        "provider",
                        "tigase:messenger:apns:1",
                        "device-token",
                        TOKEN,
                        "device-second-token",
                        CALL_TOKEN));
    }

    // ---- publishing

    private static Element publish(String node, @Nullable String secret, String notification) {
        return publishWith(node, secret == null ? null : "secret", secret, notification);
    }

    private static Element publishWith(
            String node, @Nullable String option, @Nullable String value, String notification) {
        String options = option == null
                ? ""
                : "<publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>"
                        + "http://jabber.org/protocol/pubsub#publish-options</value></field><field var='" + option
                        + "'><value>" + value + "</value></field></x></publish-options>";
        return TestXml.parse("<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='" + node
                + "'><item><notification xmlns='urn:xmpp:push:0'>" + notification
                + "</notification></item></publish>" + options + "</pubsub>");
    }

    /** From the host whose accounts have registered. */
    private Iq publishes(Element publish) {
        AtomicReference<@Nullable Iq> answer = new AtomicReference<>();
        server.turn(BareJid.ofDomain("localhost"), turn -> {
            turn.ask(
                    Iq.set(Jid.of(SERVICE), turn.randomId(), publish).withFrom(BareJid.ofDomain("localhost")),
                    Duration.ofSeconds(30),
                    (later, iq) -> answer.set(iq));
            return null;
        });
        server.settle();
        return Objects.requireNonNull(answer.get());
    }

    private static void accepted(Iq answer) {
        assertThat(answer.isError()).as("%s", answer).isFalse();
    }

    private static void refused(Iq answer, StanzaError.Condition condition) {
        assertThat(StanzaError.of(answer).condition()).isEqualTo(condition);
    }

    private static JsonNode json(PushRequest request) {
        return new JsonMapper().readTree(request.payload());
    }

    private static String token(PushRequest request) {
        return ((PushAddress.Token) request.address()).token();
    }

    @Test
    void deviceThatNeitherRegistersNorIsWokenForMonthsIsForgotten() {
        String node = Objects.requireNonNull(
                tigase(server.connect("juliet@localhost/phone")).get("node"));
        Element publish = publish(node, null, SUMMARY);
        for (int i = 0; i < 3; i++) {
            server.after(Duration.ofDays(200));
            accepted(publishes(publish));
        }
        server.after(Duration.ofDays(269));
        server.after(Duration.ofDays(2));
        refused(publishes(publish), StanzaError.Condition.ITEM_NOT_FOUND);
    }

    // ---- what it is

    @Test
    void serviceSaysWhatItIs() {
        TestClient phone = server.connect("juliet@localhost/phone");
        phone.sends("<iq type='get' id='d' to='" + SERVICE
                + "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        assertThat(phone.next().toString())
                .contains(
                        "category='pubsub'",
                        "type='push'",
                        "'urn:xmpp:push:0'",
                        "'http://jabber.org/protocol/commands'",
                        "'tigase:messenger:apns:1'",
                        "'fcm-xmpp-api'");
        phone.sends(
                "<iq type='get' id='d' to='localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
        assertThat(phone.next().toString()).contains(SERVICE);
    }

    @Test
    void withoutAppsThereIsNoService() {
        server.close();
        server = start(new TestApps());
        TestClient phone = server.connect("juliet@localhost/phone");
        phone.sends(
                "<iq type='get' id='d' to='localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
        assertThat(phone.next().toString()).doesNotContain(SERVICE);
    }

    // ---- Conversations' words

    @Test
    @DisplayName("Check 15: the same device keeps its node and secret, and is reached by its newest token")
    void conversationsDeviceKeepsItsNode() {
        TestClient phone = server.connect("juliet@localhost/phone");
        Map<String, String> first = conversations(phone, "one");
        Map<String, String> second = conversations(phone, "two");
        assertThat(second).isEqualTo(first).containsEntry("jid", SERVICE).containsOnlyKeys("jid", "node", "secret");

        accepted(publishes(publish(first.get("node"), first.get("secret"), SUMMARY)));
        PushRequest push = apps.next();
        assertThat(token(push)).isEqualTo("two");
        assertThat(push.app()).isEqualTo("capulet-android");
        assertThat(push.urgency()).isEqualTo(PushRequest.Urgency.HIGH);
        // What its client computes of the account and its own id: SHA-1 of "juliet@localhost", a zero, and "phone".
        assertThat(json(push).toString())
                .isEqualTo(
                        "{\"account\":\"FINGERPRINT\"}".replace("FINGERPRINT", fingerprint("juliet@localhost\0phone")));

        registered(phone, "unregister-push-fcm", Map.of("device-id", "phone"));
        refused(
                publishes(publish(first.get("node"), first.get("secret"), SUMMARY)),
                StanzaError.Condition.ITEM_NOT_FOUND);
    }

    private static String fingerprint(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void roomPublishesToItsOwnNode() {
        TestClient phone = server.connect("juliet@localhost/phone");
        Map<String, String> account = conversations(phone, "token");
        Map<String, String> room = registered(
                phone,
                "register-push-fcm",
                Map.of("token", "token", "device-id", "phone", "muc", "garden@" + OtherServer.DOMAIN));
        assertThat(room.get("node")).isNotEqualTo(account.get("node"));
        accepted(other.asks(
                server, OtherServer.DOMAIN, Jid.of(SERVICE), publish(room.get("node"), room.get("secret"), SUMMARY)));
        JsonNode data = json(apps.next());
        String channel = fingerprint("garden@" + OtherServer.DOMAIN + "\0phone");
        assertThat(data.path("account").asString()).isEqualTo(fingerprint("juliet@localhost\0phone"));
        assertThat(data.path("channel").asString()).isEqualTo(channel);

        registered(phone, "unregister-push-fcm", Map.of("android-id", "phone", "channel", channel));
        refused(
                other.asks(
                        server,
                        OtherServer.DOMAIN,
                        Jid.of(SERVICE),
                        publish(room.get("node"), room.get("secret"), SUMMARY)),
                StanzaError.Condition.ITEM_NOT_FOUND);
        accepted(publishes(publish(account.get("node"), account.get("secret"), SUMMARY)));
    }

    @Test
    void registrationWithoutADeviceIsABadRequest() {
        TestClient phone = server.connect("juliet@localhost/phone");
        phone.sends("<iq type='set' id='c' to='" + SERVICE + "'>" + command("register-push-fcm", Map.of("token", "one"))
                + "</iq>");
        phone.receivesError("bad-request");
        phone.sends("<iq type='set' id='c' to='" + SERVICE + "'>"
                + command("register-push-fcm", Map.of("device-id", "phone")) + "</iq>");
        phone.receivesError("bad-request");
    }

    @Test
    void accountsOfOtherServersRegisterWhereTheHostSaysSo() {
        Iq answer = other.asks(
                server,
                "romeo@" + OtherServer.DOMAIN + "/orchard",
                Jid.of(SERVICE),
                TestXml.parse(command("register-push-fcm", Map.of("token", "one", "device-id", "phone"))));
        refused(answer, StanzaError.Condition.FORBIDDEN);
    }

    // ---- Tigase's words

    @Test
    @DisplayName("Check 16: a message goes to the first token as an alert, a call to the second as one")
    void tigaseDeviceHasATokenForCalls() {
        Map<String, String> form = tigase(server.connect("juliet@localhost/phone"));
        assertThat(form).containsOnlyKeys("node", "max-payload-size").containsEntry("max-payload-size", "3000");

        String encrypted = "<encrypted xmlns='tigase:push:encrypt:0' iv='EBESExQVFhcYGRob'%s>vwx2wX0q</encrypted>";
        accepted(publishes(publish(form.get("node"), null, encrypted.formatted(""))));
        PushRequest message = apps.next();
        assertThat(token(message)).isEqualTo(TOKEN);
        assertThat(message.kind()).isEqualTo(PushRequest.Kind.ALERT);
        assertThat(json(message).toString())
                .isEqualTo(
                        "{\"aps\":{\"alert\":{\"body\":\"New message\"},\"mutable-content\":1,\"sound\":\"default\"},"
                                + "\"account\":\"juliet@localhost\",\"encrypted\":\"vwx2wX0q\",\"iv\":\"EBESExQVFhcYGRob\"}");

        accepted(publishes(publish(form.get("node"), null, encrypted.formatted(" type='voip'"))));
        PushRequest call = apps.next();
        assertThat(token(call)).isEqualTo(CALL_TOKEN);
        assertThat(call.kind()).isEqualTo(PushRequest.Kind.VOIP);
        assertThat(call.rank()).isEqualTo(PushRequest.Rank.CALL);
        assertThat(json(call).path("aps").isEmpty()).isTrue();
    }

    @Test
    void tigaseDeviceUnregistersByItsToken() {
        TestClient phone = server.connect("juliet@localhost/phone");
        String node = tigase(phone).get("node");
        registered(phone, "unregister-device", Map.of("provider", "tigase:messenger:apns:1", "device-token", TOKEN));
        refused(publishes(publish(node, null, SUMMARY)), StanzaError.Condition.ITEM_NOT_FOUND);
    }

    // ---- apps that come while the server runs

    @Test
    void serviceIsThereFromTheFirstAppOnWhoseDevicesHaveTokens() {
        server.close();
        apps.become(TestApps.WEB);
        server = start(new MemoryStore(), apps);
        TestClient phone = server.connect("juliet@localhost/phone");
        String discovers =
                "<iq type='get' id='d' to='localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>";
        phone.sends(discovers);
        assertThat(phone.next().toString()).doesNotContain(SERVICE);
        apps.become(TestApps.WEB, TestApps.ANDROID);
        phone.sends(discovers);
        assertThat(phone.next().toString()).contains(SERVICE);
        assertThat(conversations(phone, "token")).containsEntry("jid", SERVICE);
    }

    @Test
    void commandOfAProviderIsThereFromItsFirstAppOn() {
        apps.become(TestApps.ANDROID);
        TestClient phone = server.connect("juliet@localhost/phone");
        String registers = "<iq type='set' id='c' to='" + SERVICE + "'>"
                + command("register-push-apns", Map.of("token", TOKEN, "device-id", "phone")) + "</iq>";
        phone.sends(registers);
        phone.receivesError("item-not-found");
        apps.become(TestApps.ANDROID, TestApps.IOS);
        phone.sends(registers);
        assertThat(result(phone.next().children().get(0))).containsEntry("jid", SERVICE);
    }

    @Test
    void unknownProviderIsNotFound() {
        TestClient phone = server.connect("juliet@localhost/phone");
        phone.sends("<iq type='set' id='c' to='" + SERVICE + "'>"
                + command("register-device", Map.of("provider", "pigeon", "device-token", TOKEN)) + "</iq>");
        phone.receivesError("item-not-found");
    }

    // ---- Monal's words

    @Test
    @DisplayName("Check 17: a token is its own node, and pushModule names the app")
    void tokenIsItsOwnNode() {
        accepted(publishes(publishWith(TOKEN, "pushModule", "capulet-ios", SUMMARY)));
        PushRequest push = apps.next();
        assertThat(token(push)).isEqualTo(TOKEN);
        assertThat(push.app()).isEqualTo("capulet-ios");
        assertThat(json(push).at("/aps/mutable-content").asInt()).isEqualTo(1);

        accepted(publishes(publish(TOKEN, null, SUMMARY)));
        assertThat(apps.next().app()).isEqualTo("capulet-ios");

        refused(publishes(publishWith(TOKEN, "pushModule", "unheard-of", SUMMARY)), StanzaError.Condition.BAD_REQUEST);
        refused(publishes(publish("no token", null, SUMMARY)), StanzaError.Condition.ITEM_NOT_FOUND);
        assertThat(apps.count()).isZero();
    }

    @Test
    void tokenIsANodeForHostsOfThisServerAlone() {
        refused(
                other.asks(server, OtherServer.DOMAIN, Jid.of(SERVICE), publish(TOKEN, null, SUMMARY)),
                StanzaError.Condition.FORBIDDEN);
        assertThat(apps.count()).isZero();
    }

    // ---- who may publish

    @Test
    @DisplayName("Check 45: another secret, another domain and an account are forbidden")
    void onlyTheAccountsDomainWithTheSecretMayPublish() {
        TestClient phone = server.connect("juliet@localhost/phone");
        Map<String, String> form = conversations(phone, "one");
        String node = form.get("node");
        Element right = publish(node, form.get("secret"), SUMMARY);

        refused(publishes(publish(node, "wrong", SUMMARY)), StanzaError.Condition.FORBIDDEN);
        refused(publishes(publish(node, null, SUMMARY)), StanzaError.Condition.FORBIDDEN);
        refused(other.asks(server, OtherServer.DOMAIN, Jid.of(SERVICE), right), StanzaError.Condition.FORBIDDEN);
        refused(
                other.asks(server, "romeo@" + OtherServer.DOMAIN, Jid.of(SERVICE), right),
                StanzaError.Condition.FORBIDDEN);
        phone.sends("<iq type='set' id='p' to='" + SERVICE + "'>" + right + "</iq>");
        phone.receivesError("forbidden");
        assertThat(apps.count()).isZero();

        accepted(publishes(right));
        assertThat(token(apps.next())).isEqualTo("one");
    }

    @Test
    void textAndSenderInTheClearDoNotPass() {
        Map<String, String> form = tigase(server.connect("juliet@localhost/phone"));
        accepted(publishes(publish(form.get("node"), null, SUMMARY)));
        assertThat(json(apps.next()).toString()).doesNotContain("Wherefore", "romeo");
    }

    @Test
    void unimportantIsNotShown() {
        Map<String, String> form = tigase(server.connect("juliet@localhost/phone"));
        accepted(publishes(publish(form.get("node"), null, QUIET)));
        PushRequest push = apps.next();
        assertThat(push.kind()).isEqualTo(PushRequest.Kind.BACKGROUND);
        assertThat(push.urgency()).isEqualTo(PushRequest.Urgency.LOW);
        assertThat(json(push).path("aps").toString()).isEqualTo("{\"content-available\":1}");
    }

    @Test
    void malformedPublishIsABadRequest() {
        Map<String, String> form = tigase(server.connect("juliet@localhost/phone"));
        String node = form.get("node");
        for (String notification : new String[] {
            "<encrypted xmlns='tigase:push:encrypt:0'>vwx2wX0q</encrypted>",
            "<encrypted xmlns='tigase:push:encrypt:0' iv='EBES'>no base64</encrypted>",
            "<encrypted xmlns='https://dunlin.im/protocol/push/1' kid='k' class='shout'>vwx2wX0q</encrypted>"
        }) {
            refused(publishes(publish(node, null, notification)), StanzaError.Condition.BAD_REQUEST);
        }
        refused(
                publishes(TestXml.parse(
                        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='" + node + "'/></pubsub>")),
                StanzaError.Condition.BAD_REQUEST);
        String large = "<encrypted xmlns='tigase:push:encrypt:0' iv='EBES'>" + "AAAA".repeat(1_200) + "</encrypted>";
        refused(publishes(publish(node, null, large)), StanzaError.Condition.POLICY_VIOLATION);
        assertThat(apps.count()).isZero();
    }

    @Test
    void deviceIsNotWokenAllTheTimeButForCalls() {
        String node = tigase(server.connect("juliet@localhost/phone")).get("node");
        Element message = publish(node, null, SUMMARY);
        for (int i = 0; i < 10; i++) {
            accepted(publishes(message));
        }
        refused(publishes(message), StanzaError.Condition.RESOURCE_CONSTRAINT);
        accepted(publishes(publish(
                node, null, "<encrypted xmlns='tigase:push:encrypt:0' iv='EBES' type='voip'>AAAA</encrypted>")));
        server.after(Duration.ofSeconds(3));
        accepted(publishes(message));
    }

    // ---- what the provider says

    @Test
    @DisplayName(
            "Check 37: a token that is gone since it was registered is forgotten, an older verdict and the other token are not")
    void tokenThatIsGoneIsForgotten() {
        String node = tigase(server.connect("juliet@localhost/phone")).get("node");
        Element message = publish(node, null, SUMMARY);
        Element call =
                publish(node, null, "<encrypted xmlns='tigase:push:encrypt:0' iv='EBES' type='voip'>AAAA</encrypted>");

        apps.answers(new Answer.Gone(time.instant().minusSeconds(10), "Unregistered"));
        refused(publishes(message), StanzaError.Condition.ITEM_NOT_FOUND);
        apps.answers(new Answer.Accepted("1"));
        accepted(publishes(message));

        apps.answers(new Answer.Gone(time.instant().plusSeconds(10), "Unregistered"));
        refused(publishes(call), StanzaError.Condition.ITEM_NOT_FOUND);
        apps.answers(new Answer.Accepted("1"));
        accepted(publishes(message));
        apps.answers(new Answer.Gone(time.instant().plusSeconds(10), "Unregistered"));
        refused(publishes(message), StanzaError.Condition.ITEM_NOT_FOUND);
        apps.answers(new Answer.Accepted("1"));
        refused(publishes(message), StanzaError.Condition.ITEM_NOT_FOUND);
    }

    @Test
    void everyAnswerIsTold() {
        assertThat(Publishing.error(new Answer.Accepted("1"))).isNull();
        Map<Answer, StanzaError.Condition> told = Map.of(
                new Answer.Foreign("BadDeviceToken"), StanzaError.Condition.ITEM_NOT_FOUND,
                new Answer.TooLarge(4_096), StanzaError.Condition.BAD_REQUEST,
                new Answer.Refused("BadTopic"), StanzaError.Condition.BAD_REQUEST,
                new Answer.Unauthorized("InvalidProviderToken"), StanzaError.Condition.INTERNAL_SERVER_ERROR,
                new Answer.Unanswered("closed"), StanzaError.Condition.REMOTE_SERVER_TIMEOUT,
                new Answer.NotSent(Answer.Why.QUEUE_FULL, "full"), StanzaError.Condition.RECIPIENT_UNAVAILABLE,
                new Answer.RetryAfter(Duration.ofSeconds(60), Answer.Scope.DEVICE, "TooManyRequests"),
                        StanzaError.Condition.RECIPIENT_UNAVAILABLE);
        told.forEach((answer, condition) -> assertThat(
                        Objects.requireNonNull(Publishing.error(answer)).condition())
                .as("%s", answer)
                .isEqualTo(condition));
    }

    // ---- what is kept

    @Test
    void registrationSurvivesARestart() {
        Map<String, String> form = conversations(server.connect("juliet@localhost/phone"), "one");
        server.close();
        apps = new TestApps(TestApps.ANDROID);
        server = start(apps);
        accepted(publishes(publish(form.get("node"), form.get("secret"), SUMMARY)));
        assertThat(token(apps.next())).isEqualTo("one");
    }

    @Test
    @DisplayName("Check 47: neither token nor secret stands in the store as it is")
    void tokensAreEncryptedOnDisk() {
        Map<String, String> form = conversations(server.connect("juliet@localhost/phone"), "a-token-of-fcm");
        server.settle();
        List<String> rows = new ArrayList<>();
        try (Cursor all = store.cursor("push-targets", new byte[0], new byte[] {(byte) 0xFF}, Direction.FORWARD)) {
            while (all.next()) {
                rows.add(new String(all.key(), StandardCharsets.ISO_8859_1));
                rows.add(new String(all.value(), StandardCharsets.ISO_8859_1));
            }
        }
        assertThat(rows)
                .hasSize(2)
                .noneMatch(row ->
                        row.contains("a-token-of-fcm") || row.contains(form.get("secret")) || row.contains("juliet"));
    }

    @Test
    @DisplayName("Check 48: what an account registered goes with it")
    void registrationGoesWithTheAccount() {
        TestClient phone = server.connect("juliet@localhost/phone");
        Map<String, String> form = conversations(phone, "one");
        server.turn(BareJid.of("juliet@localhost"), turn -> {
            turn.removeOwner(turn.now());
            return null;
        });
        server.settle();
        refused(
                publishes(publish(form.get("node"), form.get("secret"), SUMMARY)),
                StanzaError.Condition.ITEM_NOT_FOUND);
    }

    @Test
    void accountHasFiftyDevicesAtMost() {
        TestClient phone = server.connect("juliet@localhost/phone");
        Map<String, String> first = registered(phone, "register-push-fcm", Map.of("token", "t", "device-id", "d0"));
        for (int i = 1; i <= 50; i++) {
            time.advance(Duration.ofSeconds(1));
            registered(phone, "register-push-fcm", Map.of("token", "t", "device-id", "d" + i));
        }
        refused(
                publishes(publish(first.get("node"), first.get("secret"), SUMMARY)),
                StanzaError.Condition.ITEM_NOT_FOUND);
    }
}
