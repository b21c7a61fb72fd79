// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.portable;

import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.auth.ScramKey;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** What a password is checked against, as it moves between servers (XEP-0227 §4.3). */
public final class ScramCredentials {
    private static final String NS = "urn:xmpp:pie:0#scram";
    public static final Name NAME = Name.of(NS, "scram-credentials");
    private static final Name ITERATIONS = Name.of(NS, "iter-count");
    private static final Name SALT = Name.of(NS, "salt");
    private static final Name SERVER_KEY = Name.of(NS, "server-key");
    private static final Name STORED_KEY = Name.of(NS, "stored-key");

    private ScramCredentials() {}

    static Element element(ScramKey key) {
        return of(key.hash().mechanism(), key.iterations(), key.salt(), key.serverKey(), key.storedKey());
    }

    /** What the format has of any mechanism, known here or not. */
    public static Element of(String mechanism, int iterations, byte[] salt, byte[] serverKey, byte[] storedKey) {
        Base64.Encoder base64 = Base64.getEncoder();
        return Element.of(NAME)
                .attr("mechanism", mechanism)
                .child(ITERATIONS, Integer.toString(iterations))
                .child(SALT, base64.encodeToString(salt))
                .child(SERVER_KEY, base64.encodeToString(serverKey))
                .child(STORED_KEY, base64.encodeToString(storedKey));
    }

    /**
     * The key.
     *
     * @return null for a mechanism that is not known here
     * @throws IllegalArgumentException with a text that says what is wrong
     */
    public static @Nullable ScramKey parse(Element element) {
        String mechanism = element.attr("mechanism");
        for (ScramHash hash : ScramHash.values()) {
            if (hash.mechanism().equals(mechanism)) {
                int iterations = Integer.parseInt(text(element, ITERATIONS));
                Base64.Decoder base64 = Base64.getMimeDecoder();
                return new ScramKey(
                        hash,
                        iterations,
                        base64.decode(text(element, SALT)),
                        base64.decode(text(element, STORED_KEY)),
                        base64.decode(text(element, SERVER_KEY)));
            }
        }
        return null;
    }

    private static String text(Element element, Name name) {
        String text = element.text(name);
        if (text == null) {
            throw new IllegalArgumentException(name.local() + " is missing");
        }
        return text.strip();
    }
}
