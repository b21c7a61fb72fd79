// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.component.Component;
import im.dunlin.core.config.ComponentConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;

/** Who may connect as which component: the secrets of all of them. Any thread. */
public final class ComponentAccess {
    private static final int LEAST_BYTES = 16;
    private static final int MOST_BYTES = 4_096;

    private final Map<String, ComponentConfig> components;
    private final Map<String, String> secrets = new HashMap<>();

    /**
     * Reads the secrets.
     *
     * @throws IOException if one cannot be read or is no secret; the message names its file
     */
    public ComponentAccess(Map<String, ComponentConfig> components) throws IOException {
        this.components = components;
        for (Map.Entry<String, ComponentConfig> each : components.entrySet()) {
            secrets.put(
                    each.getKey(), read(Objects.requireNonNull(each.getValue().secretFile())));
        }
    }

    private static String read(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException(file + ": cannot be read");
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException(file + ": larger than " + MOST_BYTES + " bytes");
        }
        String secret = Files.readString(file).strip();
        if (secret.getBytes(StandardCharsets.UTF_8).length < LEAST_BYTES) {
            throw new IOException(file + ": a secret has at least " + LEAST_BYTES + " bytes");
        }
        return secret;
    }

    ComponentConfig config(Component component) {
        return Objects.requireNonNull(components.get(component.domain()), component.domain());
    }

    /** Whether this is what the component says who knows the secret (XEP-0114 §3). */
    boolean knows(Component component, String streamId, String handshake) {
        String secret = Objects.requireNonNull(secrets.get(component.domain()), component.domain());
        return MessageDigest.isEqual(
                handshakeOf(streamId, secret).getBytes(StandardCharsets.US_ASCII),
                handshake.getBytes(StandardCharsets.UTF_8));
    }

    private static String handshakeOf(String streamId, String secret) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-1").digest((streamId + secret).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
