// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** A page of bars, one group a figure, in one file without anything from elsewhere: the median, and a line for the spread. */
final class Plots {
    private static final int NAME_WIDTH = 170;
    private static final int BAR_WIDTH = 420;
    private static final int LINE = 22;

    private final StringBuilder page = new StringBuilder();

    String page(Comparison comparison) {
        page.append("<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>Servers side by side</title>")
                .append("<style>body{font:14px sans-serif;margin:2em}svg{display:block;margin:.3em 0 1.5em}")
                .append("rect{fill:#4a7fb5}line{stroke:#222;stroke-width:2}</style>")
                .append("<h1>Servers side by side</h1>");
        String scenario = "";
        for (Comparison.Line line : comparison.lines()) {
            if (!line.scenario().equals(scenario)) {
                scenario = line.scenario();
                page.append("<h2>").append(escaped(scenario)).append("</h2>");
            }
            plot(line);
        }
        return page.append("</html>\n").toString();
    }

    private void plot(Comparison.Line line) {
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
                    "<text x='0' y='%d'>%s</text><rect x='%d' y='%d' width='%d' height='%d'/>"
                            + "<line x1='%d' x2='%d' y1='%d' y2='%d'/><text x='%d' y='%d'>%s</text>",
                    middle + 5,
                    escaped(server.getKey()),
                    NAME_WIDTH,
                    y + 3,
                    width(median, greatest),
                    LINE - 6,
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

    private static int width(double value, double greatest) {
        return greatest <= 0 ? 0 : (int) Math.round(Math.max(0, value) / greatest * BAR_WIDTH);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;");
    }
}
