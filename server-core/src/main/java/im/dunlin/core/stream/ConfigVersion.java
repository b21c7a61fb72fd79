// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stream;

import im.dunlin.core.session.SessionKey;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0509: a value that stands for all features before it, which is to be the last, so that a client may authenticate before it has read them
 * and learns if they are no longer what it knows.
 */
public final class ConfigVersion implements StreamFeature {
    private static final String NS = "urn:xmpp:iap:0";
    private static final Name CONFIG_VERSION = Name.of(NS, "config-version");
    private static final Element MISMATCH = Element.of(Name.of(NS, "config-version-mismatch"));

    /** The features that this stream was told. */
    private static final SessionKey<Element> TOLD = new SessionKey<>("iap.config-version");

    private static final int OCTETS = 18;

    @Override
    public Set<StreamTrait> needs() {
        return Set.of(StreamTrait.SECURE);
    }

    @Override
    public Set<StreamTrait> forbids() {
        return Set.of(StreamTrait.AUTHENTICATED);
    }

    @Override
    public @Nullable Element advertise(Negotiation stream) {
        return null;
    }

    @Override
    public Element advertise(Negotiation stream, Supplier<Element> before) {
        return Element.of(CONFIG_VERSION).attr("scheme", "opaque").attr("value", version(before.get()));
    }

    @Override
    public void told(Negotiation stream, Element features) {
        stream.remember(TOLD, features);
    }

    /** What a request that relies on other features is to be told; null if it relies on these, or on none. */
    public static @Nullable Element mismatch(Element request, Negotiation stream) {
        Element expected = request.first(CONFIG_VERSION);
        if (expected == null) {
            return null;
        }
        Element told = stream.remembered(TOLD);
        String value = told == null ? null : told.requireChild(CONFIG_VERSION).attr("value");
        return value != null && value.equals(expected.attr("value")) ? null : MISMATCH;
    }

    private static String version(Element features) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(features.toString().getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(Arrays.copyOf(digest, OCTETS));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has this algorithm", e);
        }
    }

    @Override
    public Set<Name> requests() {
        return Set.of();
    }

    @Override
    public Step negotiate(Negotiation stream, Element request) {
        throw new IllegalStateException("a version answers no request");
    }
}
