// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The fifty acceptance checks ({@code push-checks.txt}) have tests, all of them. */
class PushChecksTest {
    private static final List<String> MODULES = List.of("server-push", "server-sync", "server-core", "dist");

    /** @param tests as class and method */
    private record Check(int number, List<String> tests) {
        static Check parse(String line) {
            String[] parts = line.split(": ", 2);
            int number = Integer.parseInt(parts[0].substring(0, parts[0].indexOf(' ')));
            return new Check(number, List.of(parts[1].trim().split(" +")));
        }
    }

    private static List<Check> checks() throws IOException {
        try (InputStream in = Objects.requireNonNull(PushChecksTest.class.getResourceAsStream("/push-checks.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(Check::parse)
                    .toList();
        }
    }

    @Test
    void allFiftyAreThere() throws IOException {
        assertThat(checks())
                .extracting(Check::number)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 50).boxed().toList());
    }

    @Test
    void eachIsMadeByTestsThatThereAre() throws IOException {
        assertThat(checks().stream().flatMap(check -> check.tests().stream()).filter(test -> !isTest(test)))
                .isEmpty();
    }

    /** In the source, since the classes of other modules' tests are not here. */
    private static boolean isTest(String name) {
        String[] parts = name.split("#", 2);
        String file = "src/test/java/im/dunlin/" + parts[0].replace('.', '/') + ".java";
        return MODULES.stream()
                .map(module -> Path.of("..", module, file))
                .anyMatch(path -> Files.exists(path) && has(path, parts[1]));
    }

    private static boolean has(Path source, String test) {
        try {
            return Files.readString(source).contains(" void " + test + "(");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
