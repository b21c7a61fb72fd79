// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
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
        assertThat(Comparison.of(rows()).page(Set.of()))
                .contains("<svg", ">10.0<", "&lt;theirs>")
                .doesNotContain("<theirs>", "http", "src=");
    }

    @Test
    void pageOfOneRunNeedsNoFile() throws IOException {
        Report report = new Report("chat", "ours", 1);
        report.add("CPU", 12.5, "µs");
        assertThat(Comparison.of(report.rows()).page(Set.of())).contains("<h2>chat</h2>", ">12.5<");
    }

    @Test
    void latenciesOfAllRoundsAreDrawnAsOneCurveAServer() throws IOException {
        waited("ours", 1, 2);
        waited("ours", 2, 2);
        waited("relay", 1, 1);
        assertThat(Comparison.of(rows()).page(Set.of("relay")))
                .containsOnlyOnce("<h3>delivery, ms, by percentile</h3>")
                .contains("<title>ours p50: 2.01 ms</title>", "<title>relay p50: 1.00 ms</title>")
                .contains(
                        "style='stroke:var(--c0)' points=", "style='stroke:var(--floor);stroke-dasharray:2 3' points=")
                .contains("prefers-color-scheme:dark")
                .doesNotContain("http", "src=", "<script", "NaN", "Infinity");
    }

    @Test
    void aFigureSaysHowManyTimesItsFloorItIs() throws IOException {
        append("ours", 1, 10);
        append("relay", 1, 4);
        append("ours", 2, 20);
        append("relay", 2, 5);
        assertThat(Comparison.of(rows()).floorTable(Set.of("relay")))
                .contains("| scenario | figure | floor | of the floor | ours |")
                .contains("| chat | CPU, µs | relay | 4.50 | ×3.25, 2.50–4.00 |");
    }

    @Test
    void ofARateTheFloorIsDividedByTheFigure() throws IOException {
        rate("ours", 100);
        rate("relay", 300);
        assertThat(Comparison.of(rows()).floorTable(Set.of("relay"))).contains("| relay | 300 | ×3.00, 3.00–3.00 |");
    }

    @Test
    void aFigureWithoutAFloorIsInNoTableOfFloors() throws IOException {
        append("ours", 1, 10);
        for (String server : List.of("ours", "relay")) {
            Report report = new Report("chat", server, 1);
            report.add("server PSS", 5, "MiB");
            report.add("sent late p99", 5, "ms");
            report.appendTo(rows());
        }
        assertThat(Comparison.of(rows()).floorTable(Set.of("relay"))).doesNotContain("CPU", "PSS", "late");
    }

    @Test
    void latenciesThatAreNoneAreRefused() throws IOException {
        Files.writeString(rows(), "chat\tours\t1\tdelivery\tAAAA\tHdrHistogram\n");
        assertThatThrownBy(() -> Comparison.of(rows())).hasMessageContaining("not the latencies");
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

    private void rate(String server, double value) throws IOException {
        Report report = new Report("chat", server, 1);
        report.add("messages a second", value, "/s");
        report.appendTo(rows());
    }

    private void waited(String server, int round, int millis) throws IOException {
        Histogram histogram = new Histogram(3);
        for (int i = 0; i < 100; i++) {
            histogram.recordValue(millis * 1_000_000L);
        }
        Report report = new Report("chat", server, round);
        report.addLatency("delivery", histogram);
        report.appendTo(rows());
    }

    private Path rows() {
        return directory.resolve("rows.tsv");
    }
}
