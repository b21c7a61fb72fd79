// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessCostTest {
    @TempDir
    private Path proc;

    @Test
    void childrenCountAndNamesMayBeOdd() throws IOException {
        process(10, "(a) b) c", 100, 50, "11 ");
        process(11, "child", 20, 5, "");
        ProcessCost cost = new ProcessCost(proc, 10);
        assertThat(cost.cpuSeconds()).isEqualTo(1.75);
        assertThat(cost.residentKib()).isEqualTo(2000);
        assertThat(cost.proportionalKib()).isEqualTo(1400);
    }

    @Test
    void aProcessThatHasEndedCostsNothing() throws IOException {
        assertThat(new ProcessCost(proc, 99).cpuSeconds()).isZero();
    }

    private void process(int pid, String name, int user, int system, String children) throws IOException {
        Path directory =
                Files.createDirectories(proc.resolve(pid + "/task/" + pid)).resolve("../..");
        Files.writeString(directory.resolve("task/" + pid + "/children"), children);
        Files.writeString(
                directory.resolve("stat"),
                pid + " (" + name + ") S 1 2 3 4 5 6 7 8 9 10 " + user + " " + system + " 0 0 20 0 1 0\n");
        Files.writeString(directory.resolve("status"), "Name:\tx\nVmRSS:\t    1000 kB\n");
        Files.writeString(directory.resolve("smaps_rollup"), "Rss:  1000 kB\nPss:   700 kB\nPss_Anon: 5 kB\n");
    }
}
