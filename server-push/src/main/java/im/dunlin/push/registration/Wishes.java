// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.push.payload.Capability;
import im.dunlin.push.payload.ClientKey;
import im.dunlin.push.payload.SenderKey;
import im.dunlin.push.payload.TigaseKey;
import im.dunlin.push.payload.WebPushKey;
import im.dunlin.push.payload.XabberKey;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client asked for beside being woken: read once from the children of its {@code <enable/>}, which are kept as they are.
 *
 * @param key null if nothing readable may be in a push, and so nothing is
 * @param plain the account allows sender and text in clear
 * @param capabilities what the app and its service can do with what they are sent
 * @param sender by what the device's push server knows us, if it asked for that
 * @param direct where the device is, if there is no service in between
 * @param locale of what the server writes for people; null if the app translates by itself
 * @param grace how long it is left alone after its user wrote on another device
 */
public record Wishes(
        @Nullable ClientKey key,
        boolean plain,
        Set<Capability> capabilities,
        Filters filters,
        @Nullable SenderKey sender,
        @Nullable Direct direct,
        @Nullable Locale locale,
        Duration grace) {
    private static final Name PRIORITY = Name.of(PushNames.PRIORITY, "priority");
    private static final Name JINGLE = Name.of(PushNames.JINGLE, "jingle");
    static final Name SETTINGS = Name.of(PushNames.OWN, "settings");
    private static final Name KEY = Name.of(PushNames.OWN, "key");
    private static final Name PLAIN = Name.of(PushNames.OWN, "plain");
    private static final Name SEND_ENCRYPTED = Name.of(PushNames.PUSH2_SEND_ENCRYPTED, "send");
    private static final Name UA_PUBLIC = Name.of(PushNames.PUSH2_SEND_ENCRYPTED, "ua-public");
    private static final Name AUTH_SECRET = Name.of(PushNames.PUSH2_SEND_ENCRYPTED, "auth-secret");
    private static final Name LOCALE = Name.of(PushNames.OWN, "locale");

    /** As long as RFC 5646 wants all to take. */
    private static final int MAX_LOCALE = 35;

    private static final Name CAPABILITY = Name.of(PushNames.OWN, "capability");

    public Wishes {
        capabilities = Set.copyOf(capabilities);
    }

    /** @throws im.dunlin.core.stanza.StanzaException if a child is not what its namespace says */
    static Wishes of(List<Element> extensions) {
        ClientKey key = null;
        boolean plain = false;
        Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
        SenderKey sender = null;
        Direct direct = null;
        Locale locale = null;
        Duration grace = Duration.ZERO;
        for (Element extension : extensions) {
            if (extension.is(TigaseKey.ENCRYPT)) {
                key = TigaseKey.of(extension);
            } else if (extension.is(XabberKey.SECURITY)) {
                key = XabberKey.of(extension);
            } else if (extension.is(PRIORITY)) {
                capabilities.add(Capability.TIGASE_PRIORITY);
            } else if (extension.is(JINGLE)) {
                capabilities.add(Capability.TIGASE_JINGLE);
            } else if (extension.is(Push2Match.MATCH)) {
                Element send = extension.first(SEND_ENCRYPTED);
                key = send == null ? key : push2(send);
                sender = send == null ? sender : SenderKey.of(send);
                grace = Push2Match.grace(extension);
            } else if (extension.is(SETTINGS)) {
                Element own = extension.first(KEY);
                key = own == null ? key : webPush(own);
                plain = extension.has(PLAIN);
                direct = Direct.of(extension);
                locale = locale(extension.text(LOCALE));
                for (Element each : extension.children(CAPABILITY)) {
                    Capability known = Capability.of(each.text().strip());
                    if (known != null) {
                        capabilities.add(known);
                    }
                }
            }
        }
        if (direct != null) {
            // Whether there is such a token is seen.
            capabilities.remove(Capability.VOIP);
            if (direct.callAddress() != null) {
                capabilities.add(Capability.VOIP);
            }
            if (direct.needsKey() && !(key instanceof WebPushKey)) {
                throw StanzaError.badRequest("nothing goes to an endpoint without a key")
                        .toException();
            }
        }
        return new Wishes(key, plain, capabilities, Filters.of(extensions), sender, direct, locale, grace);
    }

    private static @Nullable Locale locale(@Nullable String tag) {
        if (tag == null) {
            return null;
        }
        if (tag.length() > MAX_LOCALE) {
            throw StanzaError.badRequest("no such language").toException();
        }
        return Locale.forLanguageTag(tag.strip());
    }

    /** Both with or without padding. */
    private static ClientKey push2(Element send) {
        try {
            Base64.Decoder base64 = Base64.getDecoder();
            return WebPushKey.of(
                    base64.decode(send.requireText(UA_PUBLIC).strip()),
                    base64.decode(send.requireText(AUTH_SECRET).strip()));
        } catch (IllegalArgumentException e) {
            throw StanzaError.badRequest("not base64").toException();
        }
    }

    private static ClientKey webPush(Element key) {
        if (!"webpush".equals(key.attr("alg"))) {
            throw StanzaError.featureNotImplemented()
                    .withType(StanzaError.Type.MODIFY)
                    .toException();
        }
        return WebPushKey.of(key.text().strip(), key.requireAttr("auth"));
    }
}
