// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push;

import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.payload.Phone;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A device of an app of the host's own: what it registers with, and what it reads in its pushes. */
public final class OwnPhone {
    public static final String TOKEN = "0123456789abcdef".repeat(8);
    public static final String CALL_TOKEN = "fedcba9876543210".repeat(8);
    public static final String ENDPOINT = "https://push.example/subscription/1";

    private static final JsonMapper JSON = new JsonMapper();

    private final Phone keys = Phone.random(new SecureRandom());

    /** The child of {@code <enable/>}. @param content beside the key */
    public String settings(String content) {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return "<settings xmlns='https://dunlin.im/protocol/push/1'>" + content + "<key alg='webpush' auth='"
                + base64.encodeToString(keys.secret()) + "'>" + base64.encodeToString(keys.publicKey())
                + "</key></settings>";
    }

    public String onIos(String capabilities) {
        return settings("<app>capulet-ios</app><token>" + TOKEN + "</token><call-token>" + CALL_TOKEN + "</call-token>"
                + capabilities);
    }

    public String onAndroid(String capabilities) {
        return settings("<app>capulet-android</app><token>" + TOKEN + "</token>" + capabilities);
    }

    public String onTheWeb(String capabilities) {
        return settings("<app>capulet-web</app><endpoint>" + ENDPOINT + "</endpoint>" + capabilities);
    }

    /** What it says, whoever carried it. */
    public JsonNode open(PushRequest push) {
        return switch (push.app()) {
            case "capulet-ios" -> open(JSON.readTree(push.payload()).path("p"));
            case "capulet-android" -> open(JSON.readTree(push.payload()));
            default -> open(push.payload());
        };
    }

    /** As {@link #open(PushRequest)}. @param envelope as docs/protocol/push.md has it */
    public JsonNode open(JsonNode envelope) {
        return open(Base64.getUrlDecoder().decode(envelope.path("e").asString()));
    }

    /** As {@link #open(PushRequest)}. @param body of RFC 8291 */
    public JsonNode open(byte[] body) {
        try {
            return JSON.readTree(new String(keys.open(body), StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
