// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client asked for beside being woken: read once from the children of its {@code <enable/>}, which are kept as they are.
 *
 * @param key null if nothing readable may be in a push, and so nothing is
 * @param tellsPriority the service is told whether it is urgent
 * @param tellsCalls the service is told that it is a call
 * @param plain the account allows sender and text in clear
 * @param capabilities what the app can do with what it is sent
 */
public record Wishes(
        @Nullable PayloadKey key,
        boolean tellsPriority,
        boolean tellsCalls,
        boolean plain,
        Set<String> capabilities,
        Filters filters) {
    private static final Name ENCRYPT = Name.of(PushNames.ENCRYPT, "encrypt");
    private static final Name PRIORITY = Name.of(PushNames.PRIORITY, "priority");
    private static final Name JINGLE = Name.of(PushNames.JINGLE, "jingle");
    private static final Name SECURITY = Name.of(PushNames.XABBER, "security");
    private static final Name SECURITY_KEY = Name.of(PushNames.XABBER, "encryption-key");
    private static final Name SETTINGS = Name.of(PushNames.OWN, "settings");
    private static final Name KEY = Name.of(PushNames.OWN, "key");
    private static final Name PLAIN = Name.of(PushNames.OWN, "plain");
    private static final Name CAPABILITY = Name.of(PushNames.OWN, "capability");

    private static final int TIGASE_KEY = 16;
    private static final int TIGASE_MAX_SIZE = 3_000;
    private static final int XABBER_KEY = 32;
    private static final int AUTH_SECRET = 16;
    private static final int MAX_CAPABILITIES = 20;

    /** @throws im.dunlin.core.stanza.StanzaException if a child is not what its namespace says */
    static Wishes of(List<Element> extensions) {
        PayloadKey key = null;
        boolean priority = false;
        boolean calls = false;
        boolean plain = false;
        Set<String> capabilities = new HashSet<>();
        for (Element extension : extensions) {
            if (extension.is(ENCRYPT)) {
                key = tigase(extension);
            } else if (extension.is(SECURITY)) {
                key = xabber(extension);
            } else if (extension.is(PRIORITY)) {
                priority = true;
            } else if (extension.is(JINGLE)) {
                calls = true;
            } else if (extension.is(SETTINGS)) {
                Element own = extension.first(KEY);
                key = own == null ? key : webPush(own);
                plain = extension.has(PLAIN);
                extension.children(CAPABILITY).stream()
                        .limit(MAX_CAPABILITIES)
                        .forEach(each -> capabilities.add(each.text().strip().toLowerCase(Locale.ROOT)));
            }
        }
        return new Wishes(key, priority, calls, plain, Set.copyOf(capabilities), Filters.of(extensions));
    }

    private static PayloadKey tigase(Element encrypt) {
        if (!"aes-128-gcm".equals(encrypt.attr("alg"))) {
            throw notImplemented();
        }
        Integer maxSize = encrypt.optionalInt("max-size", 1, Integer.MAX_VALUE);
        return new PayloadKey.Tigase(
                octets(Base64.getDecoder(), encrypt.text(), TIGASE_KEY), maxSize == null ? TIGASE_MAX_SIZE : maxSize);
    }

    private static PayloadKey xabber(Element security) {
        if (!"urn:xmpp:ciphers:aes-256cbc".equals(security.attr("cipher"))) {
            throw notImplemented();
        }
        String text = security.text(SECURITY_KEY);
        return new PayloadKey.Xabber(octets(Base64.getDecoder(), text == null ? "" : text, XABBER_KEY));
    }

    private static PayloadKey webPush(Element key) {
        if (!"webpush".equals(key.attr("alg"))) {
            throw notImplemented();
        }
        byte[] point = octets(Base64.getUrlDecoder(), key.text(), Curve.POINT);
        if (!Curve.holds(point)) {
            throw StanzaError.badRequest("the key is no point of P-256").toException();
        }
        String auth = key.attr("auth");
        return new PayloadKey.WebPush(point, octets(Base64.getUrlDecoder(), auth == null ? "" : auth, AUTH_SECRET));
    }

    private static byte[] octets(Base64.Decoder decoder, String text, int length) {
        try {
            byte[] octets = decoder.decode(text.strip().getBytes(StandardCharsets.UTF_8));
            if (octets.length == length) {
                return octets;
            }
        } catch (IllegalArgumentException e) {
            // Not base64: as wrong as a key of another length.
        }
        throw StanzaError.badRequest("a key has " + length + " octets in base64")
                .toException();
    }

    private static RuntimeException notImplemented() {
        return StanzaError.featureNotImplemented()
                .withType(StanzaError.Type.MODIFY)
                .toException();
    }
}
