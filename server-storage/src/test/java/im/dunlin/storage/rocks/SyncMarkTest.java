// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.storage.Epoch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncMarkTest {
    private static final long MINUTE = 60_000_000;
    private static final long NOON = 1_800_000_000_000_000L;

    @TempDir
    private Path directory;

    private Path file = Path.of("");

    @BeforeEach
    void nameFile() {
        file = directory.resolve("synced");
    }

    private void serve(long boot, boolean relaxed, boolean clean, SyncMark.Entry... entries) throws IOException {
        try (SyncMark mark = SyncMark.open(file, boot)) {
            for (SyncMark.Entry entry : entries) {
                mark.begin(entry, e -> {
                    throw new AssertionError(e);
                });
            }
            if (relaxed) {
                mark.relax();
            }
            mark.end();
            if (clean) {
                mark.finish(entries[entries.length - 1]);
            }
        }
    }

    private Epoch released(long boot) throws IOException {
        try (SyncMark mark = SyncMark.open(file, boot)) {
            return mark.released(NOON + 10 * MINUTE);
        }
    }

    private Epoch lost(long recovered) throws IOException {
        try (SyncMark mark = SyncMark.open(file, 1)) {
            return mark.lost(recovered, NOON + 10 * MINUTE);
        }
    }

    @Test
    void newFileMissesNothing() throws IOException {
        assertThat(lost(0)).isNull();
        assertThat(released(1)).isNull();
    }

    @Test
    void whatWasSyncedIsMissed() throws IOException {
        serve(1, false, true, new SyncMark.Entry(100, NOON), new SyncMark.Entry(200, NOON + MINUTE));

        assertThat(lost(200)).isNull();
        assertThat(lost(250)).isNull();
        assertThat(lost(199)).isNotNull();
    }

    @Test
    void spanBeginsWithTheLastMarkThatIsThere() throws IOException {
        serve(1, false, false, new SyncMark.Entry(100, NOON), new SyncMark.Entry(200, NOON + MINUTE));

        assertThat(lost(150)).isEqualTo(new Epoch(NOON - MINUTE, NOON + 10 * MINUTE));
        assertThat(lost(50)).as("nobody knows from when").isEqualTo(new Epoch(0, NOON + 10 * MINUTE));
    }

    @Test
    void tornWriteLeavesTheOneBefore() throws IOException {
        serve(1, false, false, new SyncMark.Entry(100, NOON), new SyncMark.Entry(200, NOON + MINUTE));
        byte[] bytes = Files.readAllBytes(file);
        bytes[4096 + 20] ^= 1;
        Files.write(file, bytes);

        assertThat(lost(100)).isNull();
        assertThat(lost(99)).isNotNull();
    }

    @Test
    void lossOfPowerMayTakeWhatOnlyTheSystemHad() throws IOException {
        serve(1, true, false, new SyncMark.Entry(100, NOON));

        assertThat(released(2)).isEqualTo(new Epoch(NOON - MINUTE, NOON + 10 * MINUTE));
        assertThat(released(0)).as("a system that does not say").isNotNull();
    }

    @Test
    void endOfTheProcessAloneTakesNothing() throws IOException {
        serve(1, true, false, new SyncMark.Entry(100, NOON));

        assertThat(released(1)).isNull();
    }

    @Test
    void cleanEndTakesNothing() throws IOException {
        serve(1, true, true, new SyncMark.Entry(100, NOON));

        assertThat(released(2)).isNull();
    }

    @Test
    void lossOfPowerTakesNothingThatWasReleasedFromDisk() throws IOException {
        serve(1, false, false, new SyncMark.Entry(100, NOON));

        assertThat(released(2)).isNull();
    }
}
