// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether something stays as it is over a long run: the median of the last third of it beside that of the middle third, since
 * servers warm up in the first.
 */
public final class Drift {
    private static final int PARTS = 3;

    private final List<Double> values = new ArrayList<>();

    public void add(double value) {
        values.add(value);
    }

    /** By how much it has grown, negative if it has shrunk; zero if there is too little to say. */
    public double percent() {
        int part = values.size() / PARTS;
        if (part == 0) {
            return 0;
        }
        int end = values.size();
        double last = median(end - part, end);
        double middle = median(end - 2 * part, end - part);
        return middle == 0 ? 0 : (last / middle - 1) * 100;
    }

    private double median(int from, int to) {
        return Comparison.median(new ArrayList<>(values.subList(from, to)));
    }
}
