// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.fcm;

import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Messages as FCM's HTTP v1 interface has them. Any thread. */
final class FcmMessages {
    private static final Duration LONGEST_LIFE = Duration.ofDays(28);

    private final JsonMapper json = JsonMapper.shared();
    private final InstantSource clock;

    FcmMessages(InstantSource clock) {
        this.clock = clock;
    }

    /** @return null if the payload is what {@code data} may be */
    @Nullable
    Answer check(byte[] payload) {
        try {
            if (!(json.readTree(payload) instanceof ObjectNode data)) {
                return new Answer.Refused("data: no JSON object");
            }
            int size = 0;
            for (Map.Entry<String, JsonNode> entry : data.properties()) {
                String key = entry.getKey();
                if (!entry.getValue().isString()) {
                    return new Answer.Refused("data: " + key + " is no string");
                }
                if (key.equals("from")
                        || key.equals("message_type")
                        || key.startsWith("google")
                        || key.startsWith("gcm")) {
                    return new Answer.Refused("data: " + key + " is reserved");
                }
                size += utf8(key) + utf8(entry.getValue().stringValue());
            }
            return size > FcmGateway.MAX_DATA ? new Answer.TooLarge(FcmGateway.MAX_DATA) : null;
        } catch (JacksonException e) {
            return new Answer.Refused("data: no JSON");
        }
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** The body of a request; the payload has been checked. */
    byte[] body(PushRequest push) {
        ObjectNode message = json.createObjectNode();
        message.put("token", ((PushAddress.Token) push.address()).token());
        message.set("data", json.readTree(push.payload()));
        ObjectNode android = message.putObject("android");
        android.put(
                "priority",
                switch (push.urgency()) {
                    case HIGH, NORMAL -> "HIGH";
                    case LOW -> "NORMAL";
                });
        Duration life = Duration.between(clock.instant(), push.expires());
        long seconds = Math.max(0, Math.min(life.toSeconds(), LONGEST_LIFE.toSeconds()));
        android.put("ttl", seconds + "s");
        if (push.collapse() != null) {
            android.put("collapse_key", push.collapse());
        }
        ObjectNode body = json.createObjectNode();
        body.set("message", message);
        return json.writeValueAsBytes(body);
    }
}
