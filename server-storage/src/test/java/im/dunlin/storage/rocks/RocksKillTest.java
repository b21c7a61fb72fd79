// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.storage.Direction;
import im.dunlin.storage.Durability;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Range;
import im.dunlin.storage.SampleTables;
import im.dunlin.storage.Scan;
import im.dunlin.storage.Table;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SIGKILL at a random moment, in every durability: what was released is there, whole, and without a gap. */
class RocksKillTest {
    private static final long SEED = 20261101;

    private static final Pattern LINE = Pattern.compile("([01]) ([0-9]+)");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void whatWasReleasedSurvives(Durability durability) throws IOException, InterruptedException {
        Random random = new Random(SEED + durability.ordinal());
        long[] released = release(durability, 300 + random.nextInt(5000));

        try (RocksStore store = RocksStore.open(directory, RocksSettings.DEFAULT)) {
            Table<String, String> nicknames = store.open(SampleTables.NICKNAMES);
            Table<Long, byte[]> waiting = store.open(SampleTables.WAITING);
            for (int slot = 0; slot < 2; slot++) {
                OwnerKey owner = new OwnerKey(slot, 1);
                long next = 0;
                try (Scan<Long, byte[]> scan = store.scan(waiting, owner, Range.all(), Direction.FORWARD)) {
                    for (; scan.hasNext(); next++) {
                        assertThat(scan.next().key()).isEqualTo(next);
                        assertThat(store.has(nicknames, owner, "n" + next))
                                .as("never half")
                                .isTrue();
                    }
                }
                assertThat(next).as("seed %d, slot %d", SEED, slot).isGreaterThan(released[slot]);
                assertThat(store.has(nicknames, owner, "n" + next))
                        .as("never half")
                        .isFalse();
            }
            assertThat(store.cluster().epochs()).as("nothing was lost").isEmpty();
        }
    }

    /** The last numbers that a process said before it was killed. */
    private long[] release(Durability durability, int lines) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KillVictim.class.getName(),
                        directory.toString(),
                        durability.name())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long[] last = {-1, -1};
        try (BufferedReader out = process.inputReader()) {
            String line = out.readLine();
            for (int i = 0; line != null; i++, line = out.readLine()) {
                if (i == lines) {
                    // Not by the process itself, which would close the stream that still has lines.
                    process.toHandle().destroyForcibly();
                }
                // The kill may have cut the last line, which then says too little and never too much.
                Matcher said = LINE.matcher(line);
                if (said.matches()) {
                    int slot = Integer.parseInt(said.group(1));
                    last[slot] = Math.max(last[slot], Long.parseLong(said.group(2)));
                }
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(process.exitValue()).as("killed, not failed").isEqualTo(137);
        return last;
    }
}
