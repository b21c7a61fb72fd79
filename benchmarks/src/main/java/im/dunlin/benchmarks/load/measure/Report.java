// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;

/** The figures of one run: a table for people, rows for the next program, and whether the run failed. */
public final class Report {
    /** First line of a file of rows. */
    public static final String COLUMNS = "scenario\tserver\tround\tfigure\tvalue\tunit";

    private final String scenario;
    private final String server;
    private final int round;
    private final List<Figure> figures = new ArrayList<>();
    private final Map<String, String> distributions = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();

    public Report(String scenario, String server, int round) {
        this.scenario = scenario;
        this.server = server;
        this.round = round;
    }

    public void add(String name, double value, String unit) {
        figures.add(new Figure(name, value, unit));
    }

    /** Adds p50, p99 and the maximum of a histogram of nanoseconds; the whole of it goes into the rows. */
    public void addLatency(String name, AbstractHistogram nanos) {
        distributions.put(name, Distribution.encoded(nanos));
        add(name + " p50", nanos.getValueAtPercentile(50) / 1e6, "ms");
        add(name + " p99", nanos.getValueAtPercentile(99) / 1e6, "ms");
        add(name + " max", nanos.getMaxValue() / 1e6, "ms");
    }

    /** The run is worth nothing, and why. */
    public void fail(String why) {
        failures.add(why);
    }

    /** What a reader of the figures has to know. */
    public void remark(String what) {
        remarks.add(what);
    }

    public boolean failed() {
        return !failures.isEmpty();
    }

    public List<Figure> figures() {
        return List.copyOf(figures);
    }

    /** The table, remarks and failures below it. */
    public String table() {
        int width = figures.stream()
                .mapToInt(figure -> figure.name().length())
                .max()
                .orElse(0);
        StringBuilder table = new StringBuilder();
        table.append(scenario)
                .append(" on ")
                .append(server)
                .append(", round ")
                .append(round)
                .append('\n');
        for (Figure figure : figures) {
            table.append("  ")
                    .append(figure.name())
                    .append(" ".repeat(width - figure.name().length() + 2))
                    .append(String.format(Locale.ROOT, "%12s ", figure.readable()))
                    .append(figure.unit())
                    .append('\n');
        }
        remarks.forEach(remark -> table.append("  Note: ").append(remark).append('\n'));
        failures.forEach(failure -> table.append("  FAILED: ").append(failure).append('\n'));
        return table.toString();
    }

    /** The figures and the latencies as rows, without a header; none of a run that failed. */
    public List<String> rows() {
        if (failed()) {
            return List.of();
        }
        List<String> rows = new ArrayList<>();
        figures.forEach(figure -> rows.add(row(figure.name(), Double.toString(figure.value()), figure.unit())));
        distributions.forEach((name, cell) -> rows.add(row(name, cell, Distribution.UNIT)));
        return List.copyOf(rows);
    }

    private String row(String figure, String value, String unit) {
        return String.join("\t", scenario, server, Integer.toString(round), figure, value, unit);
    }

    /** Appends the rows to a file, which gets its header first. */
    public void appendTo(Path file) throws IOException {
        if (failed()) {
            return;
        }
        List<String> lines = new ArrayList<>(rows());
        if (!Files.exists(file)) {
            lines.add(0, COLUMNS);
        }
        Files.write(file, lines, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
