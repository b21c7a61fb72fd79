// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.push.gateway.PushRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What another server published for an app (XEP-0357), in the form of the app's provider. What is encrypted passes as it is; a
 * sender or a text in the clear does not pass at all.
 *
 * @param isCall somebody calls; everything else is not to ring
 * @param isToBeSeen a person should see it
 */
public record RelayedPush(Element notification, boolean isCall, boolean isToBeSeen) {
    private static final String SUMMARY = "urn:xmpp:push:summary";
    private static final Name JINGLE = Name.of("tigase:push:jingle:0", "jingle");
    private static final Name PRIORITY = Name.of("tigase:push:priority:0", "priority");
    private static final Name TIGASE = Name.of(TigaseKey.NAMESPACE, "encrypted");
    private static final Name OWN = Name.of("https://dunlin.im/protocol/push/1", "encrypted");

    /** What APNs and FCM take. */
    private static final int MAX_BYTES = 4096;

    private static final Duration RINGS = Duration.ofSeconds(60);
    private static final int MAX_IV = 64;
    private static final int MAX_KEY_ID = 32;

    /** @throws im.dunlin.core.stanza.StanzaException {@code bad-request} if what is encrypted has no such form */
    public static RelayedPush of(Element notification) {
        Element tigase = notification.first(TIGASE);
        Element own = notification.first(OWN);
        Element jingle = notification.first(JINGLE);
        boolean isCall = jingle != null && "propose".equals(jingle.attr("action"))
                || tigase != null && "voip".equals(tigase.attr("type"))
                || own != null && NoticeClass.CALL.wire().equals(own.attr("class"));
        if (tigase != null) {
            requireBase64(tigase.text());
            require(tigase.requireAttr("iv").length() <= MAX_IV);
            requireBase64(tigase.requireAttr("iv"));
        }
        if (own != null) {
            requireBase64(own.text());
            require(own.requireAttr("kid").length() <= MAX_KEY_ID && isClass(own.requireAttr("class")));
        }
        return new RelayedPush(notification, isCall, isCall || isToBeSeen(notification, tigase, own));
    }

    private static boolean isClass(String wire) {
        for (NoticeClass each : NoticeClass.values()) {
            if (each.wire().equals(wire)) {
                return true;
            }
        }
        return false;
    }

    private static void requireBase64(String text) {
        try {
            Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw StanzaError.badRequest("not base64").toException();
        }
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw StanzaError.badRequest("no such encryption").toException();
        }
    }

    /** Who sends a body, or says that it is urgent, wants it shown; so does who sends what only the app reads. */
    private static boolean isToBeSeen(Element notification, @Nullable Element tigase, @Nullable Element own) {
        String priority = notification.text(PRIORITY);
        if (priority != null) {
            return priority.strip().equals("high");
        }
        if (own != null) {
            return !NoticeClass.READ.wire().equals(own.attr("class"));
        }
        return tigase != null || hasBody(notification);
    }

    private static boolean hasBody(Element notification) {
        for (Element form : notification.children(FormFields.FORM)) {
            for (Element field : form.children(FormFields.FIELD)) {
                if ("last-message-body".equals(field.attr("var"))) {
                    String body = field.text(FormFields.VALUE);
                    return body != null && !body.isBlank() && isSummary(form);
                }
            }
        }
        return false;
    }

    private static boolean isSummary(Element form) {
        return form.children(FormFields.FIELD).stream()
                .anyMatch(
                        field -> "FORM_TYPE".equals(field.attr("var")) && SUMMARY.equals(field.text(FormFields.VALUE)));
    }

    /**
     * For an app of Apple's.
     *
     * @param node what the device is called in its registration
     * @param names what the app looks for beside it
     * @param hasCallToken the app is started for calls by a token of their own
     * @throws im.dunlin.core.stanza.StanzaException {@code policy-violation} if it is more than the provider takes
     */
    public EncodedPush apns(String node, Map<String, String> names, boolean hasCallToken, Instant now) {
        PushRequest.Kind kind = isCall && hasCallToken
                ? PushRequest.Kind.VOIP
                : isToBeSeen ? PushRequest.Kind.ALERT : PushRequest.Kind.BACKGROUND;
        ObjectNode json = Json.object();
        ObjectNode aps = json.putObject("aps");
        switch (kind) {
            case ALERT -> {
                aps.putObject("alert").put("body", (isCall ? Words.CALL : Words.MESSAGE).in(null));
                aps.put("mutable-content", 1).put("sound", "default");
            }
            case BACKGROUND -> aps.put("content-available", 1);
            case VOIP -> {}
        }
        names.forEach(json::put);
        tigase(json);
        if (notification.has(OWN)) {
            own(json.putObject("p").put("v", 1), node);
        }
        return push(kind, json, now);
    }

    /** For an app of Android; parameters as with {@link #apns}. */
    public EncodedPush fcm(String node, Map<String, String> names, Instant now) {
        ObjectNode data = Json.object();
        names.forEach(data::put);
        tigase(data);
        if (notification.has(OWN)) {
            own(data.put("v", "1"), node);
        }
        return push(PushRequest.Kind.ALERT, data, now);
    }

    private void tigase(ObjectNode json) {
        Element encrypted = notification.first(TIGASE);
        if (encrypted != null) {
            json.put("encrypted", encrypted.text()).put("iv", encrypted.requireAttr("iv"));
        }
    }

    private void own(ObjectNode envelope, String node) {
        Element encrypted = Objects.requireNonNull(notification.first(OWN));
        byte[] body = Base64.getDecoder().decode(encrypted.text());
        envelope.put("n", node)
                .put("c", encrypted.requireAttr("class"))
                .put("k", encrypted.requireAttr("kid"))
                .put("e", Base64.getUrlEncoder().withoutPadding().encodeToString(body));
    }

    private EncodedPush push(PushRequest.Kind kind, ObjectNode json, Instant now) {
        byte[] payload = Json.bytes(json);
        if (payload.length > MAX_BYTES) {
            throw StanzaError.policyViolation("a push has at most " + MAX_BYTES + " octets")
                    .withType(StanzaError.Type.MODIFY)
                    .toException();
        }
        return new EncodedPush(
                kind,
                isCall ? PushRequest.Rank.CALL : isToBeSeen ? PushRequest.Rank.MESSAGE : PushRequest.Rank.QUIET,
                isToBeSeen ? PushRequest.Urgency.HIGH : PushRequest.Urgency.LOW,
                null,
                now.plus(isCall ? RINGS : Notice.SEEN_WITHIN),
                payload);
    }
}
