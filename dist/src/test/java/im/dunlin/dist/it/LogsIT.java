// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.dist.testing.Secrets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What no log may show is in none of the logs of all other integration tests, at the finest level (threat R20). Runs after them,
 * in a process of its own.
 */
class LogsIT {
    @Test
    void logsShowNoBodyNoPasswordAndNoToken() throws Exception {
        List<Path> logs = logs();
        Set<String> tokens = new HashSet<>(Secrets.tokens());
        assertThat(tokens).as("tokens of the run").hasSizeGreaterThan(50);
        List<String> spilt = new ArrayList<>();
        for (Path log : logs) {
            for (String line : Files.readAllLines(log)) {
                if (line.contains(Secrets.BODY) || line.contains(Secrets.PASSWORD) || containsAny(line, tokens)) {
                    spilt.add(log.getFileName() + ": " + line);
                }
            }
        }
        assertThat(spilt).isEmpty();
    }

    /** The search above would be worth nothing if the logs were not there or said nothing. */
    @Test
    void logsSayALotOtherwise() throws Exception {
        assertThat(logs()).extracting(log -> log.getFileName().toString()).contains("in-process.log", "crash.log");
        String text = Files.readString(Secrets.LOGS.resolve("in-process.log"));
        assertThat(text).contains("DEBUG", "im.dunlin.core.net.ClientConnection", "not-well-formed");
    }

    /** Neither a peer's fault nor the end of the server is an error of ours. */
    @Test
    void nothingWentWrong() throws Exception {
        for (Path log : logs()) {
            if (!log.endsWith("unit-tests.log")) {
                assertThat(Files.readAllLines(log).stream().filter(line -> line.contains(" ERROR ")))
                        .as(log.toString())
                        .isEmpty();
            }
        }
    }

    private static List<Path> logs() throws IOException {
        try (Stream<Path> files = Files.list(Secrets.LOGS)) {
            return files.filter(file -> file.toString().endsWith(".log")).toList();
        }
    }

    /** Tokens are of the letters of base64, so that words of the line can be looked up. */
    private static boolean containsAny(String line, Set<String> tokens) {
        for (String word : line.split("[^A-Za-z0-9+/_-]+")) {
            if (tokens.contains(word)) {
                return true;
            }
        }
        return false;
    }
}
