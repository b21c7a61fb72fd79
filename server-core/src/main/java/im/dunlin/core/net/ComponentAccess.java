// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.auth.AuthThrottle;
import im.dunlin.core.component.Component;
import im.dunlin.core.config.ComponentConfig;
import im.dunlin.core.jid.BareJid;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;

/** Who may connect as which component: the secrets of all of them, and how slowly they can be guessed. Any thread. */
public final class ComponentAccess {
    /** Nobody is refused for long: a component whose secret has been put right comes in with its next attempt. */
    private static final AuthThrottle.Limits DELAYED =
            new AuthThrottle.Limits(Duration.ofMinutes(15), Integer.MAX_VALUE, Integer.MAX_VALUE, 20, 1_000);

    private final Map<String, ComponentConfig> components;
    private final AuthThrottle throttle;

    public ComponentAccess(Map<String, ComponentConfig> components, InstantSource clock) {
        this.components = components;
        this.throttle = new AuthThrottle(DELAYED, clock);
    }

    ComponentConfig config(Component component) {
        return Objects.requireNonNull(components.get(component.domain()), component.domain());
    }

    /** How long a handshake waits before it is judged, for what was wrong before. */
    Duration delay(InetAddress from, Component component) {
        return Objects.requireNonNull(throttle.admit(from, BareJid.ofDomain(component.domain())));
    }

    /** Whether this is what the component says who knows the secret (XEP-0114 §3). */
    boolean knows(InetAddress from, Component component, String streamId, String handshake) {
        byte[] secret = Objects.requireNonNull(config(component).secretFile()).secret();
        boolean known = MessageDigest.isEqual(
                handshakeOf(streamId, secret).getBytes(StandardCharsets.US_ASCII),
                handshake.getBytes(StandardCharsets.UTF_8));
        BareJid domain = BareJid.ofDomain(component.domain());
        if (known) {
            throttle.succeeded(from, domain);
        } else {
            throttle.failed(from, domain);
        }
        return known;
    }

    private static String handshakeOf(String streamId, byte[] secret) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(streamId.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha1.digest(secret));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
