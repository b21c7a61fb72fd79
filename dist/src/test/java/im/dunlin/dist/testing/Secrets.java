// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * What clients said or were told that no log may show. Passwords and bodies carry a canary; what cannot, such as the proofs of
 * SCRAM and the ids that let a stream be resumed, is written down here as it passes.
 */
public final class Secrets {
    /** In every password. */
    public static final String PASSWORD = "canary7password";

    /** In every body. */
    public static final String BODY = "canary7body";

    /** Where all logs of the run are. */
    public static final Path LOGS = Path.of("target", "it-logs");

    private static final Path TOKENS = LOGS.resolve("tokens.secret");

    private Secrets() {}

    /** Writes down a token, unless it is too short to be found by searching; without the padding of base64. */
    public static synchronized void add(String secret) {
        String token = secret.replaceAll("=+$", "");
        if (token.length() < 12) {
            return;
        }
        try {
            Files.createDirectories(LOGS);
            Files.writeString(TOKENS, token + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All tokens of the run so far. */
    public static List<String> tokens() throws IOException {
        return Files.readAllLines(TOKENS);
    }
}
