// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push;

import im.dunlin.push.payload.Secrecy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Hears every octet that a service gets in this module's tests, whoever plays the service: APNs, FCM, push servers, services of
 * XEP-0357. After each test nothing of it may tell who wrote to whom, or what.
 */
public final class Wiretap {
    /** Who writes and is written to in tests. */
    private static final List<String> NAMES = List.of(
            "juliet@localhost",
            "romeo@localhost",
            "tybalt@localhost",
            "juliet@capulet.example",
            "romeo@montague.example",
            "Wherefore art thou");

    /** A shorter one might be found in what is encrypted, by chance. */
    private static final int SHORTEST = 9;

    private static final Queue<byte[]> HEARD = new ConcurrentLinkedQueue<>();
    private static final Set<String> SECRETS = ConcurrentHashMap.newKeySet();
    private static final Set<String> ALLOWED = ConcurrentHashMap.newKeySet();

    private Wiretap() {}

    /** A service was sent this. */
    public static void hears(byte[] octets) {
        HEARD.add(octets);
    }

    public static void hears(CharSequence text) {
        hears(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** No service may read this in the current test. */
    public static void keeps(String secret) {
        if (secret.length() >= SHORTEST) {
            SECRETS.add(secret);
        }
    }

    /** In the current test a service may read this, since the account asked for it. */
    public static void allows(String word) {
        ALLOWED.add(word);
    }

    /** Everything that was heard in the current test. */
    public static List<byte[]> heard() {
        return List.copyOf(HEARD);
    }

    /** What was told of what no service may read. */
    private static List<String> told() {
        List<byte[]> octets = List.copyOf(HEARD);
        return Stream.concat(NAMES.stream(), SECRETS.stream())
                .filter(secret -> ALLOWED.stream().noneMatch(secret::contains))
                .filter(secret -> octets.stream().anyMatch(each -> Secrecy.tells(each, secret)))
                .toList();
    }

    /** Of the current test, which it ends. */
    static void check() {
        List<String> told = told();
        HEARD.clear();
        SECRETS.clear();
        ALLOWED.clear();
        if (!told.isEmpty()) {
            throw new AssertionError("a service could read " + told);
        }
    }

    /** Found by JUnit, so that no test goes without. */
    public static final class Check implements AfterEachCallback {
        @Override
        public void afterEach(ExtensionContext context) {
            check();
        }
    }
}
