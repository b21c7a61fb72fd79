// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.Histogram;

/**
 * A page in one file without anything from elsewhere. Of each scenario: its latencies as curves over the percentiles, and a
 * group of bars a figure, the median of the rounds with a line for their spread. A server has the same colour everywhere;
 * floors are grey.
 */
final class Plots {
    private static final int NAME_WIDTH = 190;
    private static final int BAR_WIDTH = 420;
    private static final int LINE = 22;
    private static final int COLOURS = 6;

    private static final String STYLE = """
            :root{color-scheme:light dark;--page:#fcfcfb;--text:#0b0b0b;--muted:#6b6a66;--grid:#dedcd6;
            --c0:#2a78d6;--c1:#d95926;--c2:#138a61;--c3:#6a55c9;--c4:#b98000;--c5:#c9406f;--floor:#8d8b85}
            @media(prefers-color-scheme:dark){:root{--page:#1a1a19;--text:#f4f3f0;--muted:#a3a19a;--grid:#3a3935;
            --c0:#5a9df0;--c1:#f08150;--c2:#3bbb8c;--c3:#a596f5;--c4:#dca93a;--c5:#ee7fa3;--floor:#85837d}}
            body{font:14px/1.4 system-ui,sans-serif;margin:2em;background:var(--page);color:var(--text)}
            h2{margin-top:2em;border-bottom:1px solid var(--grid)}h3{font-size:1em;margin:.8em 0 .2em}
            svg{display:block;margin:.2em 0 1em;max-width:100%}text{fill:var(--text);font-size:13px}
            .scale{fill:var(--muted);font-size:11px}.grid{stroke:var(--grid)}
            .curve{fill:none;stroke-width:2}.mark{fill:var(--page);stroke-width:2;stroke-dasharray:none!important}
            .spread{stroke:var(--text);stroke-width:2}
            .legend{color:var(--muted)}.legend svg{display:inline;margin:0 .4em 0 1.2em}
            """;

    private final Comparison comparison;
    private final Set<String> floors;
    private final List<String> servers;
    private final StringBuilder page = new StringBuilder();

    Plots(Comparison comparison, Set<String> floors) {
        this.comparison = comparison;
        this.floors = floors;
        this.servers = comparison.servers().stream()
                .filter(server -> !floors.contains(server))
                .toList();
    }

    String page() {
        page.append("<!DOCTYPE html><html lang='en'><meta charset='utf-8'>")
                .append("<meta name='viewport' content='width=device-width'><title>Servers side by side</title><style>")
                .append(STYLE)
                .append("</style><h1>Servers side by side</h1>");
        legend(comparison.servers());
        String scenario = "";
        for (Comparison.Line line : comparison.lines()) {
            if (!line.scenario().equals(scenario)) {
                scenario = line.scenario();
                page.append("<h2>").append(escaped(scenario)).append("</h2>");
                curves(scenario);
            }
            bars(line);
        }
        return page.append("</html>\n").toString();
    }

    private void legend(Iterable<String> named) {
        page.append("<p class='legend'>");
        named.forEach(server -> page.append(String.format(
                "<svg width='26' height='8'><line class='curve' x2='26' y1='4' y2='4' style='%s'/></svg>%s",
                stroke(server), escaped(server))));
        page.append("</p>");
    }

    private void curves(String scenario) {
        comparison.distributions().forEach((key, byServer) -> {
            if (key.scenario().equals(scenario)) {
                page.append("<h3>").append(escaped(key.of())).append(", ms, by percentile</h3>");
                legend(byServer.keySet());
                curves(byServer);
            }
        });
    }

    private void curves(Map<String, Histogram> byServer) {
        List<PercentileCurve> curves = new ArrayList<>();
        byServer.forEach((server, waited) -> curves.add(new PercentileCurve(server, waited)));
        page.append(PercentileCurve.plot(curves, this::stroke));
    }

    private void bars(Comparison.Line line) {
        String unit = line.unit().isEmpty() ? "" : ", " + line.unit();
        double greatest = line.values().values().stream()
                .flatMap(List::stream)
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(0);
        page.append(String.format(
                Locale.ROOT,
                "<h3>%s%s</h3><svg width='%d' height='%d' role='img'>",
                escaped(line.figure()),
                escaped(unit),
                NAME_WIDTH + BAR_WIDTH + 100,
                LINE * line.values().size()));
        int y = 0;
        for (var server : line.values().entrySet()) {
            double median = Comparison.median(server.getValue());
            int middle = y + LINE / 2;
            page.append(String.format(
                    Locale.ROOT,
                    "<text x='0' y='%d'>%s</text><rect x='%d' y='%d' width='%d' height='%d' rx='2' style='fill:%s'/>"
                            + "<line class='spread' x1='%d' x2='%d' y1='%d' y2='%d'/><text x='%d' y='%d'>%s</text>",
                    middle + 5,
                    escaped(server.getKey()),
                    NAME_WIDTH,
                    y + 4,
                    width(median, greatest),
                    LINE - 8,
                    colour(server.getKey()),
                    NAME_WIDTH + width(Collections.min(server.getValue()), greatest),
                    NAME_WIDTH + width(Collections.max(server.getValue()), greatest),
                    middle,
                    middle,
                    NAME_WIDTH + width(Collections.max(server.getValue()), greatest) + 8,
                    middle + 5,
                    Figure.readable(median)));
            y += LINE;
        }
        page.append("</svg>");
    }

    private String colour(String server) {
        return floors.contains(server) ? "var(--floor)" : "var(--c" + servers.indexOf(server) % COLOURS + ")";
    }

    /** Of a line: floors share their colour, and differ in their dashes. */
    private String stroke(String server) {
        int floor = List.copyOf(floors).indexOf(server);
        String line = "stroke:" + colour(server);
        return floor < 0 ? line : line + ";stroke-dasharray:" + (2 + 2 * floor) + " 3";
    }

    private static int width(double value, double greatest) {
        return greatest <= 0 ? 0 : (int) Math.round(Math.max(0, value) / greatest * BAR_WIDTH);
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;");
    }
}
