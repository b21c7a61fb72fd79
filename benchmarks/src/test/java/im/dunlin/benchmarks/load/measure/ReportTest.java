// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    @TempDir
    private Path directory;

    @Test
    void latenciesAreInMilliseconds() {
        Histogram histogram = new Histogram(3);
        for (int i = 1; i <= 100; i++) {
            histogram.recordValue(i * 1_000_000L);
        }
        Report report = new Report("chat", "ours", 1);
        report.addLatency("delivery", histogram);
        assertThat(report.figures()).extracting(Figure::readable).containsExactly("50.0", "99.0", "100");
    }

    @Test
    void aRunThatFailedLeavesNoRows() throws IOException {
        Report report = new Report("chat", "ours", 1);
        report.add("rate", 5, "/s");
        report.fail("3 sent, 1 lost");
        report.appendTo(rows());
        assertThat(rows()).doesNotExist();
        assertThat(report.table()).contains("FAILED: 3 sent, 1 lost");
    }

    @Test
    void ratiosAreTakenWithinARoundAndTheirSpreadIsShown() throws IOException {
        append("ours", 1, 10);
        append("theirs", 1, 40);
        append("ours", 2, 20);
        append("theirs", 2, 40);
        append("ours", 3, 10);
        append("theirs", 3, 30);
        assertThat(Comparison.of(rows()).table("ours"))
                .contains("| scenario | figure | ours | theirs |")
                .contains("| chat | CPU, µs | 10.0 | 40.0 (×3.00, 2.00–4.00) |");
    }

    @Test
    void pageOfPlotsNeedsNothingFromElsewhere() throws IOException {
        append("ours", 1, 10);
        append("<theirs>", 1, 40);
        assertThat(Comparison.of(rows()).page())
                .contains("<svg", ">10.0<", "&lt;theirs>")
                .doesNotContain("<theirs>", "http", "src=");
    }

    @Test
    void pageOfOneRunNeedsNoFile() throws IOException {
        Report report = new Report("chat", "ours", 1);
        report.add("CPU", 12.5, "µs");
        assertThat(Comparison.of(report.rows()).page()).contains("<h2>chat</h2>", ">12.5<");
    }

    @Test
    void aFileOfOtherThingsIsRefused() throws IOException {
        Files.writeString(rows(), "chat\tours\tone\tCPU\t1\tµs\n");
        assertThatThrownBy(() -> Comparison.of(rows())).hasMessageContaining("not a row");
    }

    private void append(String server, int round, double value) throws IOException {
        Report report = new Report("chat", server, round);
        report.add("CPU", value, "µs");
        report.appendTo(rows());
    }

    private Path rows() {
        return directory.resolve("rows.tsv");
    }
}
