// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * How long a server let wait, by percentile. To the right each nine of the percentile takes as much room as the one before, up
 * the time grows tenfold in equal steps: so the tail is seen as well as the middle.
 */
record PercentileCurve(String server, Histogram nanos) {
    private static final int LEFT = 60;
    private static final int WIDTH = 620;
    private static final int TOP = 8;
    private static final int HEIGHT = 220;
    private static final int MARGIN = 30;
    private static final int STEPS_PER_HALF = 5;
    private static final double MOST_NINES = 5;
    private static final double LEAST_NANOS = 1_000;
    private static final double[] MARKED = {0, 50, 90, 99, 99.9, 99.99, 99.999};

    /** The frame that all curves of a plot share: powers of ten of the nanoseconds, and nines. */
    private record Frame(double from, double to, double nines) {
        static Frame around(Collection<PercentileCurve> curves) {
            double least = Double.MAX_VALUE;
            double most = LEAST_NANOS;
            long count = 1;
            for (PercentileCurve curve : curves) {
                least = Math.min(least, Math.max(LEAST_NANOS, curve.nanos.getMinValue()));
                most = Math.max(most, curve.nanos.getMaxValue());
                count = Math.max(count, curve.nanos.getTotalCount());
            }
            double from = Math.floor(Math.log10(Math.min(least, most)));
            return new Frame(
                    from, Math.max(from + 1, Math.ceil(Math.log10(most))), Math.min(MOST_NINES, nines(1.0 / count)));
        }

        double x(double percentile) {
            double share = nines <= 0 ? 1 : nines((100 - percentile) / 100) / nines;
            return LEFT + WIDTH * Math.min(1, share);
        }

        double y(double value) {
            return TOP + HEIGHT * (1 - (Math.log10(Math.max(LEAST_NANOS, value)) - from) / (to - from));
        }

        private static double nines(double rest) {
            return rest <= 0 ? MOST_NINES : -Math.log10(rest);
        }
    }

    /** @return an SVG of all of them, each in the style of its server's line */
    static String plot(Collection<PercentileCurve> curves, UnaryOperator<String> stroke) {
        Frame frame = Frame.around(curves);
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT, "<svg width='%d' height='%d' role='img'>", LEFT + WIDTH + MARGIN, TOP + HEIGHT + MARGIN));
        scales(svg, frame);
        for (PercentileCurve curve : curves) {
            svg.append(String.format(
                    "<polyline class='curve' style='%s' points='%s'><title>%s</title></polyline>",
                    stroke.apply(curve.server), curve.points(frame), Plots.escaped(curve.server)));
            curve.marks(svg, frame, stroke.apply(curve.server));
        }
        return svg.append("</svg>").toString();
    }

    private static void scales(StringBuilder svg, Frame frame) {
        for (double power = frame.from; power <= frame.to; power++) {
            double nanos = Math.pow(10, power);
            line(svg, LEFT, LEFT + WIDTH, frame.y(nanos), frame.y(nanos));
            label(svg, 0, frame.y(nanos) + 4, number(nanos / 1e6));
        }
        for (double percentile : MARKED) {
            if (frame.x(percentile) < LEFT + WIDTH) {
                line(svg, frame.x(percentile), frame.x(percentile), TOP, TOP + HEIGHT);
                label(svg, frame.x(percentile) - 8, TOP + HEIGHT + 16, "p" + number(percentile));
            }
        }
    }

    private static void line(StringBuilder svg, double x1, double x2, double y1, double y2) {
        svg.append(String.format(
                Locale.ROOT, "<line class='grid' x1='%.0f' x2='%.0f' y1='%.0f' y2='%.0f'/>", x1, x2, y1, y2));
    }

    private static void label(StringBuilder svg, double x, double y, String text) {
        svg.append(String.format(Locale.ROOT, "<text class='scale' x='%.0f' y='%.0f'>%s</text>", x, y, text));
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    private String points(Frame frame) {
        StringBuilder points = new StringBuilder();
        for (HistogramIterationValue step : nanos.percentiles(STEPS_PER_HALF)) {
            // Behind the slowest of all there is nothing.
            if (step.getPercentileLevelIteratedTo() > last()) {
                break;
            }
            points.append(String.format(
                    Locale.ROOT,
                    "%.1f,%.1f ",
                    frame.x(step.getPercentileLevelIteratedTo()),
                    frame.y(step.getValueIteratedTo())));
        }
        return points.toString().trim();
    }

    /** Points that say under a pointer what they stand for. */
    private void marks(StringBuilder svg, Frame frame, String stroke) {
        for (double percentile : List.of(50.0, 99.0, 99.9)) {
            if (percentile <= last()) {
                long value = nanos.getValueAtPercentile(percentile);
                svg.append(String.format(
                        Locale.ROOT,
                        "<circle class='mark' cx='%.1f' cy='%.1f' r='3' style='%s'><title>%s p%s: %s ms</title></circle>",
                        frame.x(percentile),
                        frame.y(value),
                        stroke,
                        Plots.escaped(server),
                        number(percentile),
                        Figure.readable(value / 1e6)));
            }
        }
    }

    /** The percentile that all but the slowest are within. */
    private double last() {
        return 100 - 100.0 / nanos.getTotalCount();
    }
}
