// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.caps;

import im.dunlin.core.stanza.Presence;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import org.jspecify.annotations.Nullable;

/**
 * The hash that a presence names.
 *
 * @param algorithm as in XEP-0300; null in the legacy form of XEP-0115, in which nothing can be verified
 * @param current whether it is one of XEP-0390
 * @param node what is asked for to learn what stands behind it
 */
record Advertised(@Nullable String algorithm, String hash, boolean current, String node) {
    private static final Name LEGACY = Name.of(Ns.CAPS, "c");
    private static final Name CURRENT = Name.of(Ns.CAPS2, "c");
    private static final Name HASH = Name.of("urn:xmpp:hashes:2", "hash");

    /** Longer ones are nobody's. */
    private static final int MAX_LENGTH = 1_024;

    /** Null if the presence names none. The current form is preferred: its hashes have no doubles. */
    static @Nullable Advertised parse(Presence presence) {
        Element current = presence.payload().first(CURRENT);
        if (current != null) {
            for (Element hash : current.children(HASH)) {
                String algorithm = hash.attr("algo");
                if (CapsHash.isKnown(algorithm) && isUsable(hash.text())) {
                    return new Advertised(algorithm, hash.text(), true, Ns.CAPS2 + '#' + algorithm + '.' + hash.text());
                }
            }
        }
        Element legacy = presence.payload().first(LEGACY);
        String node = legacy == null ? null : legacy.attr("node");
        String ver = legacy == null ? null : legacy.attr("ver");
        if (legacy == null || node == null || ver == null || !isUsable(ver) || !isUsable(node)) {
            return null;
        }
        String algorithm = legacy.attr("hash");
        return new Advertised(CapsHash.isKnown(algorithm) ? algorithm : null, ver, false, node + '#' + ver);
    }

    private static boolean isUsable(String text) {
        return !text.isEmpty() && text.length() <= MAX_LENGTH;
    }

    /** What the same answer is known under, whoever gives it; {@link #node} alone says nothing (threat S11). */
    String key() {
        return (current ? "2 " : "1 ") + algorithm + ' ' + hash;
    }

    /** Whether this answer is what was advertised, so that it holds for everybody who advertises the same. */
    boolean fits(Element query) {
        if (algorithm == null) {
            return false;
        }
        return current
                ? hash.equals(CapsHash.current(query, algorithm))
                : CapsHash.isWellFormed(query) && hash.equals(CapsHash.legacy(query, algorithm));
    }
}
