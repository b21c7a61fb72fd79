// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import im.dunlin.core.auth.SaslOffer;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.auth.ScramKey;
import im.dunlin.core.auth.StrictText;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0480: keys that an account lacks, made by its client from the password that it has just proven. One login's. On the event
 * loop.
 */
final class UpgradeTasks {
    static final Name NEXT = Name.of(Ns.SASL2, "next");
    static final Name TASK_DATA = Name.of(Ns.SASL2, "task-data");

    private static final Name UPGRADE = Name.of(Ns.SASL_UPGRADE, "upgrade");
    private static final Name CONTINUE = Name.of(Ns.SASL2, "continue");
    private static final Name ADDITIONAL_DATA = Name.of(Ns.SASL2, "additional-data");
    private static final Name TASKS = Name.of(Ns.SASL2, "tasks");
    private static final Name TASK = Name.of(Ns.SASL2, "task");
    private static final Name SALT = Name.of(Ns.SCRAM_UPGRADE, "salt");
    private static final Name HASH = Name.of(Ns.SCRAM_UPGRADE, "hash");

    private final int iterations;
    private final SecureRandom random;
    private final Deque<ScramHash> due = new ArrayDeque<>();
    private final List<ScramKey> made = new ArrayList<>();

    /** Of the task under way. */
    private byte @Nullable [] salt;

    /**
     * Those tasks that the client asks for and the account has need of.
     *
     * @param lacking strongest first
     */
    UpgradeTasks(Element authenticate, List<ScramHash> lacking, SaslOffer offer, SecureRandom random) {
        this.iterations = offer.iterations();
        this.random = random;
        Set<String> wanted =
                authenticate.children(UPGRADE).stream().map(Element::text).collect(Collectors.toSet());
        lacking.stream().filter(hash -> wanted.contains(name(hash))).forEach(due::add);
    }

    static void advertise(SaslOffer offer, ElementBuilder authentication) {
        offer.upgrades().forEach(hash -> authentication.child(UPGRADE, name(hash)));
    }

    private static String name(ScramHash hash) {
        return "UPGR-" + hash.mechanism();
    }

    boolean isDone() {
        return due.isEmpty();
    }

    boolean isUnderWay() {
        return salt != null;
    }

    List<ScramKey> made() {
        return made;
    }

    /**
     * Asks the client for the next one.
     *
     * @param additionalData what the mechanism wants sent when it has succeeded; null behind the first task
     */
    Element goOn(byte @Nullable [] additionalData) {
        ElementBuilder answer = Element.builder(CONTINUE);
        if (additionalData != null) {
            answer.child(ADDITIONAL_DATA, base64(additionalData));
        }
        return answer.child(Element.of(TASKS).child(Element.of(TASK, name(due.element()))))
                .build();
    }

    /** Gives out the salt. @return null if that is not the task which is due */
    @Nullable
    Element begin(Element next) {
        if (!next.is(NEXT) || !name(due.element()).equals(next.attr("task"))) {
            return null;
        }
        byte[] fresh = ScramKey.salt(random);
        salt = fresh;
        return Element.of(TASK_DATA)
                .child(Element.of(SALT, base64(fresh)).attr("iterations", String.valueOf(iterations)));
    }

    /** Takes the salted password. @return false if that cannot be one */
    boolean finish(Element taskData) {
        byte[] salt = this.salt;
        String text = taskData.is(TASK_DATA) ? taskData.text(HASH) : null;
        byte[] salted = text == null ? null : StrictText.base64(text);
        ScramHash hash = due.element();
        if (salt == null || salted == null || salted.length != hash.length()) {
            return false;
        }
        made.add(ScramKey.ofSaltedPassword(salted, hash, iterations, salt));
        due.remove();
        this.salt = null;
        return true;
    }

    private static String base64(byte[] data) {
        return Base64.getEncoder().encodeToString(data);
    }
}
