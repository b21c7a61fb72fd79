// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Servers side by side, from the rows of many runs. A ratio is taken within a round, where the machine was the same, and the
 * spread over the rounds stands beside it.
 */
public final class Comparison {
    private record Key(String scenario, String figure, String unit) {}

    /** Per figure and server: value by round. */
    private final Map<Key, Map<String, TreeMap<Integer, Double>>> values = new LinkedHashMap<>();

    private final Set<String> servers = new LinkedHashSet<>();

    /** @throws IOException the file cannot be read, or a line is none of {@link Report#appendTo} */
    public static Comparison of(Path file) throws IOException {
        return of(Files.readAllLines(file));
    }

    /** Of one run or more. @throws IOException a line is none of {@link Report#rows} */
    public static Comparison of(List<String> rows) throws IOException {
        Comparison comparison = new Comparison();
        for (String line : rows) {
            if (!line.equals(Report.COLUMNS)) {
                comparison.add(line);
            }
        }
        return comparison;
    }

    /** One figure of all servers that have it: its values of all rounds. */
    record Line(String scenario, String figure, String unit, Map<String, List<Double>> values) {}

    List<Line> lines() {
        List<Line> lines = new ArrayList<>();
        values.forEach((key, byServer) -> {
            Map<String, List<Double>> all = new LinkedHashMap<>();
            byServer.forEach((server, rounds) -> all.put(server, new ArrayList<>(rounds.values())));
            lines.add(new Line(key.scenario(), key.figure(), key.unit(), all));
        });
        return lines;
    }

    /** A page in HTML, with plots. */
    public String page() {
        return new Plots().page(this);
    }

    private void add(String line) throws IOException {
        String[] cells = line.split("\t", -1);
        if (cells.length != 6) {
            throw new IOException("not a row of a report: " + line);
        }
        try {
            servers.add(cells[1]);
            values.computeIfAbsent(new Key(cells[0], cells[3], cells[5]), key -> new LinkedHashMap<>())
                    .computeIfAbsent(cells[1], server -> new TreeMap<>())
                    .put(Integer.parseInt(cells[2]), Double.parseDouble(cells[4]));
        } catch (NumberFormatException e) {
            throw new IOException("not a row of a report: " + line, e);
        }
    }

    /**
     * A table in Markdown: for each figure the median of every server and, behind it, the median of its ratio to {@code
     * base} in the same round with the least and the greatest ratio.
     */
    public String table(String base) {
        StringBuilder table =
                new StringBuilder("| scenario | figure | " + String.join(" | ", servers) + " |\n| --- | ---");
        servers.forEach(server -> table.append(" | ---:"));
        table.append(" |\n");
        values.forEach((key, byServer) -> {
            table.append("| ").append(key.scenario()).append(" | ").append(key.figure());
            table.append(key.unit().isEmpty() ? "" : ", " + key.unit());
            for (String server : servers) {
                table.append(" | ").append(cell(byServer, server, base));
            }
            table.append(" |\n");
        });
        return table.toString();
    }

    private static String cell(Map<String, TreeMap<Integer, Double>> byServer, String server, String base) {
        TreeMap<Integer, Double> own = byServer.getOrDefault(server, new TreeMap<>());
        if (own.isEmpty()) {
            return "";
        }
        String median = Figure.readable(median(new ArrayList<>(own.values())));
        TreeMap<Integer, Double> others = byServer.getOrDefault(base, new TreeMap<>());
        List<Double> ratios = new ArrayList<>();
        own.forEach((round, value) -> {
            Double other = others.get(round);
            if (other != null && other != 0) {
                ratios.add(value / other);
            }
        });
        if (server.equals(base) || ratios.isEmpty()) {
            return median;
        }
        return median + " (×" + Figure.readable(median(ratios)) + ", " + Figure.readable(Collections.min(ratios)) + "–"
                + Figure.readable(Collections.max(ratios)) + ")";
    }

    static double median(List<Double> values) {
        Collections.sort(values);
        int middle = values.size() / 2;
        return values.size() % 2 == 1 ? values.get(middle) : (values.get(middle - 1) + values.get(middle)) / 2;
    }
}
