// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.service;

import static im.dunlin.push.PushFixture.chat;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.commands.CommandsModule;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.push.PushFixture;
import im.dunlin.push.Wiretap;
import im.dunlin.push.app.Apps;
import im.dunlin.push.app.TestApps;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One server is everything: a client registers with its push service, and is woken by it for what the server has for it. */
class OwnServiceTest {
    private static final String HERE = "juliet@localhost";
    private static final String SERVICE = "push.localhost";
    private static final String TOKEN = "0123456789abcdef".repeat(4);
    private static final String CALL_TOKEN = "fedcba9876543210".repeat(4);
    private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final TestApps apps = new TestApps(TestApps.IOS, TestApps.ANDROID);
    private final TestServer server = TestServer.with(modules());
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private final TestClient phone = server.connect("juliet@localhost/phone");

    private Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = PushFixture.modules();
        modules.put("commands", CommandsModule::new);
        modules.put("apps", setup -> setup.provide(Apps.class, apps));
        modules.put(PushServiceModule.KEY, PushServiceModule::new);
        return modules;
    }

    @BeforeEach
    void begins() {
        phone.sends("<presence/>");
        romeo.sends("<presence/>");
        ImModules.befriend(romeo, phone);
        phone.ignores();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Map<String, String> registers(String command, String... fields) {
        StringBuilder form = new StringBuilder();
        for (int i = 0; i < fields.length; i += 2) {
            form.append("<field var='" + fields[i] + "'><value>" + fields[i + 1] + "</value></field>");
        }
        phone.sends(
                "<iq type='set' id='c' to='" + SERVICE + "'><command xmlns='http://jabber.org/protocol/commands' node='"
                        + command + "'><x xmlns='jabber:x:data' type='submit'>" + form + "</x></command></iq>");
        Element result = phone.next().children().get(0).requireChild(FormFields.FORM);
        Map<String, String> values = new HashMap<>();
        result.children(FormFields.FIELD).forEach(field -> values.put(field.attr("var"), field.text(FormFields.VALUE)));
        return values;
    }

    private void enables(String node, String content) {
        phone.sends(PushFixture.enable(SERVICE, node, content));
        phone.receives("<iq type='result' id='e'/>");
        phone.leaves();
    }

    private static String open(JsonNode push) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            byte[] iv = Base64.getDecoder().decode(push.path("iv").asString());
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(KEY, "AES"), new GCMParameterSpec(128, iv));
            byte[] content = cipher.doFinal(
                    Base64.getDecoder().decode(push.path("encrypted").asString()));
            return new String(content, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode json(PushRequest push) {
        return new JsonMapper().readTree(push.payload());
    }

    private static String token(PushRequest push) {
        return ((PushAddress.Token) push.address()).token();
    }

    @Test
    void conversationsIsWoken() {
        Map<String, String> registered = registers("register-push-fcm", "token", "fcm-token", "android-id", "phone");
        enables(registered.get("node"), PushFixture.form(registered.get("secret")));
        romeo.sends(chat(HERE, "Wherefore art thou?"));
        server.after(Duration.ofSeconds(1));
        PushRequest push = apps.next();
        assertThat(token(push)).isEqualTo("fcm-token");
        assertThat(push.urgency()).isEqualTo(PushRequest.Urgency.HIGH);
        assertThat(json(push).properties()).hasSize(1);
        assertThat(json(push).path("account").asString()).hasSize(40);
    }

    @Test
    void tigasesClientsReadTheMessageAndRing() {
        // They find the key by it.
        Wiretap.allows("juliet@localhost");
        Map<String, String> registered = registers(
                "register-device",
                "provider",
                "tigase:messenger:apns:1",
                "device-token",
                TOKEN,
                "device-second-token",
                CALL_TOKEN);
        enables(
                registered.get("node"),
                "<encrypt xmlns='tigase:push:encrypt:0' alg='aes-128-gcm' max-size='"
                        + registered.get("max-payload-size") + "'>"
                        + Base64.getEncoder().encodeToString(KEY)
                        + "</encrypt><priority xmlns='tigase:push:priority:0'/><jingle xmlns='tigase:push:jingle:0'/>");

        romeo.sends(chat(HERE, "Wherefore art thou?"));
        server.after(Duration.ofSeconds(1));
        PushRequest message = apps.next();
        assertThat(token(message)).isEqualTo(TOKEN);
        assertThat(message.kind()).isEqualTo(PushRequest.Kind.ALERT);
        assertThat(open(json(message)))
                .isEqualTo("{\"unread\":1,\"sender\":\"romeo@localhost\",\"type\":\"chat\","
                        + "\"message\":\"Wherefore art thou?\"}");

        romeo.sends("<message type='chat' to='" + HERE + "'><propose xmlns='urn:xmpp:jingle-message:0' id='c1'>"
                + "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose></message>");
        server.settle();
        PushRequest call = apps.next();
        assertThat(token(call)).isEqualTo(CALL_TOKEN);
        assertThat(call.kind()).isEqualTo(PushRequest.Kind.VOIP);
        assertThat(open(json(call))).contains("\"type\":\"call\",\"sid\":\"c1\",\"media\":[\"audio\"]");
    }

    @Test
    void monalIsWokenByItsToken() {
        enables(
                TOKEN,
                PushFixture.form("")
                        .replace("'secret'", "'pushModule'")
                        .replace("<value></value></field></x>", "<value>capulet-ios</value></field></x>"));
        romeo.sends(chat(HERE, "Wherefore art thou?"));
        server.after(Duration.ofSeconds(1));
        PushRequest push = apps.next();
        assertThat(token(push)).isEqualTo(TOKEN);
        assertThat(json(push).at("/aps/alert/body").asString()).isEqualTo("New message");
        assertThat(json(push).at("/aps/mutable-content").asInt()).isEqualTo(1);
    }
}
