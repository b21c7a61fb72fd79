// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A secret that another program knows, too, in a file of its own, so that a configuration can be shown. */
public final class SecretFile {
    private static final int LEAST_BYTES = 16;
    private static final int MOST_BYTES = 4_096;

    private final Path file;
    private final byte[] secret;

    private SecretFile(Path file, byte[] secret) {
        this.file = file;
        this.secret = secret;
    }

    /**
     * Reads the file; white space around the secret does not count.
     *
     * @throws IOException if there is no secret in it; the message says why in a few words
     */
    static SecretFile read(Path file) throws IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new IOException("cannot be read");
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException("is larger than " + MOST_BYTES + " bytes");
        }
        byte[] secret = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
        if (secret.length < LEAST_BYTES) {
            throw new IOException("has less than " + LEAST_BYTES + " bytes");
        }
        return new SecretFile(file, secret);
    }

    /** A copy of the secret. */
    public byte[] secret() {
        return secret.clone();
    }

    /** The file's name. */
    @Override
    public String toString() {
        return file.toString();
    }
}
