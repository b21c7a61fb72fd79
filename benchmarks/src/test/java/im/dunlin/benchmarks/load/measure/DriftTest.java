// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DriftTest {
    private final Drift drift = new Drift();

    @Test
    void whatHappensWhileAServerWarmsUpIsNoDrift() {
        add(10, 60, 90, 100, 100, 100, 100, 100, 100);
        assertThat(drift.percent()).isZero();
    }

    @Test
    void whatGrowsToTheEndDrifts() {
        add(100, 100, 100, 100, 110, 120, 130, 143, 150);
        assertThat(drift.percent()).isBetween(29.9, 30.1);
    }

    @Test
    void oneOutlierIsNoDrift() {
        add(100, 100, 100, 100, 100, 100, 100, 900, 100);
        assertThat(drift.percent()).isZero();
    }

    @Test
    void twoValuesSayNothing() {
        add(100, 200);
        assertThat(drift.percent()).isZero();
    }

    private void add(double... values) {
        for (double value : values) {
            drift.add(value);
        }
    }
}
