// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import java.util.Locale;

/** One figure of a run. */
public record Figure(String name, double value, String unit) {
    private static final double LARGE = 100;
    private static final double SMALL = 10;

    /** With as many digits as it deserves. */
    public String readable() {
        return readable(value);
    }

    static String readable(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= LARGE ? "%.0f" : size >= SMALL ? "%.1f" : "%.2f", value);
    }
}
