// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.component.Component;
import im.dunlin.core.config.ComponentConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;

/** Who may connect as which component: the secrets of all of them. Any thread. */
public final class ComponentAccess {
    private final Map<String, ComponentConfig> components;

    public ComponentAccess(Map<String, ComponentConfig> components) {
        this.components = components;
    }

    ComponentConfig config(Component component) {
        return Objects.requireNonNull(components.get(component.domain()), component.domain());
    }

    /** Whether this is what the component says who knows the secret (XEP-0114 §3). */
    boolean knows(Component component, String streamId, String handshake) {
        byte[] secret = Objects.requireNonNull(config(component).secretFile()).secret();
        return MessageDigest.isEqual(
                handshakeOf(streamId, secret).getBytes(StandardCharsets.US_ASCII),
                handshake.getBytes(StandardCharsets.UTF_8));
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
