// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The protocol of Client Synchronization has 28 test vectors, and each can be found by its number. */
class VectorsTest {
    /** {@code vector9_21EditVersusRetract} or {@code Vector 9.21}. */
    private static final Pattern NUMBER = Pattern.compile("(?:void vector9_|/\\*\\* Vector 9\\.)(\\d+?)(?=\\D)");

    @Test
    void eachIsATest() throws IOException {
        TreeSet<Integer> found = new TreeSet<>();
        List<Path> sources;
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            sources =
                    files.filter(file -> file.toString().endsWith("Test.java")).toList();
        }
        for (Path source : sources) {
            NUMBER.matcher(Files.readString(source))
                    .results()
                    .map((MatchResult match) -> Integer.valueOf(match.group(1)))
                    .forEach(found::add);
        }

        assertThat(found)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 28).boxed().toList());
    }
}
