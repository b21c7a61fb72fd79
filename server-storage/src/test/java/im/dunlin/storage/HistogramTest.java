// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void emptyOneSaysZero() {
        Histogram histogram = new Histogram();

        assertThat(histogram.count()).isZero();
        assertThat(histogram.quantile(0.99)).isZero();
        assertThat(histogram.max()).isZero();
    }

    @Test
    void quantilesAreRightToAnEighth() {
        Random random = new Random(7);
        Histogram histogram = new Histogram();
        long[] values = random.longs(5000, 0, 1L << 40)
                .map(v -> v >> random.nextInt(40))
                .toArray();
        Arrays.stream(values).forEach(histogram::add);
        Arrays.sort(values);

        for (double part : new double[] {0.01, 0.5, 0.9, 0.99, 0.999, 1}) {
            long exact = values[(int) Math.ceil(part * values.length) - 1];
            assertThat(histogram.quantile(part)).isBetween(exact, exact + exact / 8 + 1);
        }
        assertThat(histogram.count()).isEqualTo(values.length);
    }

    @Test
    void extremesHaveABucket() {
        Histogram histogram = new Histogram();
        histogram.add(-1);
        histogram.add(Long.MAX_VALUE);

        assertThat(histogram.max()).isEqualTo(Long.MAX_VALUE);
        assertThat(histogram.quantile(1)).isEqualTo(Long.MAX_VALUE);
        assertThat(histogram.quantile(0.5)).isZero();
    }
}
