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
import org.HdrHistogram.Histogram;

/**
 * Servers side by side, from the rows of many runs. A ratio is taken within a round, where the machine was the same, and the
 * spread over the rounds stands beside it.
 */
public final class Comparison {
    private static final Set<String> COSTS = Set.of("µs", "ms", "KiB");

    private record Key(String scenario, String figure, String unit) {
        /** Whether more of it is better. */
        boolean isRate() {
            return unit.endsWith("/s");
        }

        /** Whether it is a server's work, time or memory for something, which a floor can be under; the generator's is not. */
        boolean isCost() {
            return (isRate() || COSTS.contains(unit)) && !figure.startsWith("sent late");
        }
    }

    /** What was waited for, in which scenario. */
    record Latencies(String scenario, String of) {}

    /** Per figure and server: value by round. */
    private final Map<Key, Map<String, TreeMap<Integer, Double>>> values = new LinkedHashMap<>();

    private final Map<Latencies, Map<String, Histogram>> distributions = new LinkedHashMap<>();
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

    Set<String> servers() {
        return servers;
    }

    /** Nanoseconds by server, all rounds together. */
    Map<Latencies, Map<String, Histogram>> distributions() {
        return distributions;
    }

    /** A page in HTML, with plots; floors are drawn as such. */
    public String page(Set<String> floors) {
        return new Plots(this, floors).page();
    }

    private void add(String line) throws IOException {
        String[] cells = line.split("\t", -1);
        if (cells.length != 6) {
            throw new IOException("not a row of a report: " + line);
        }
        servers.add(cells[1]);
        if (cells[5].equals(Distribution.UNIT)) {
            distributions
                    .computeIfAbsent(new Latencies(cells[0], cells[3]), key -> new LinkedHashMap<>())
                    .merge(cells[1], Distribution.decoded(cells[4]), Comparison::both);
            return;
        }
        try {
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
            table.append("| ").append(named(key));
            for (String server : servers) {
                table.append(" | ").append(cell(byServer, server, base));
            }
            table.append(" |\n");
        });
        return table.toString();
    }

    /**
     * A table in Markdown: for each figure and each floor that has it, how many times as much the servers take, or, of a rate,
     * how many times as much the floor does. Medians within rounds, with the least and the greatest.
     */
    public String floorTable(Set<String> floors) {
        List<String> above =
                servers.stream().filter(server -> !floors.contains(server)).toList();
        StringBuilder table = new StringBuilder("| scenario | figure | floor | of the floor | "
                + String.join(" | ", above) + " |\n| --- | --- | --- | ---:");
        above.forEach(server -> table.append(" | ---:"));
        table.append(" |\n");
        values.forEach((key, byServer) -> {
            for (String floor : floors) {
                TreeMap<Integer, Double> least = rounds(byServer, floor);
                if (!key.isCost() || least.isEmpty() || above.stream().noneMatch(byServer::containsKey)) {
                    continue;
                }
                table.append("| ").append(named(key)).append(" | ").append(floor);
                table.append(" | ").append(Figure.readable(median(new ArrayList<>(least.values()))));
                for (String server : above) {
                    TreeMap<Integer, Double> own = rounds(byServer, server);
                    table.append(" | ").append(spread(key.isRate() ? ratios(least, own) : ratios(own, least)));
                }
                table.append(" |\n");
            }
        });
        return table.toString();
    }

    private static String named(Key key) {
        return key.scenario() + " | " + key.figure() + (key.unit().isEmpty() ? "" : ", " + key.unit());
    }

    private static String cell(Map<String, TreeMap<Integer, Double>> byServer, String server, String base) {
        TreeMap<Integer, Double> own = rounds(byServer, server);
        if (own.isEmpty()) {
            return "";
        }
        String median = Figure.readable(median(new ArrayList<>(own.values())));
        String spread = server.equals(base) ? "" : spread(ratios(own, rounds(byServer, base)));
        return spread.isEmpty() ? median : median + " (" + spread + ")";
    }

    private static TreeMap<Integer, Double> rounds(Map<String, TreeMap<Integer, Double>> byServer, String server) {
        return byServer.getOrDefault(server, new TreeMap<>());
    }

    private static List<Double> ratios(TreeMap<Integer, Double> these, TreeMap<Integer, Double> toThose) {
        List<Double> ratios = new ArrayList<>();
        these.forEach((round, value) -> {
            Double other = toThose.get(round);
            if (other != null && other != 0) {
                ratios.add(value / other);
            }
        });
        return ratios;
    }

    private static String spread(List<Double> ratios) {
        return ratios.isEmpty()
                ? ""
                : "×" + Figure.readable(median(ratios)) + ", " + Figure.readable(Collections.min(ratios)) + "–"
                        + Figure.readable(Collections.max(ratios));
    }

    private static Histogram both(Histogram one, Histogram other) {
        one.add(other);
        return one;
    }

    static double median(List<Double> values) {
        Collections.sort(values);
        int middle = values.size() / 2;
        return values.size() % 2 == 1 ? values.get(middle) : (values.get(middle - 1) + values.get(middle)) / 2;
    }
}
