// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RemoteDomainTest {
    @Test
    void waitsGetLongerUpToFiveMinutesAndAreNeverTheSame() {
        Random random = new Random(1);
        for (int failures = 1; failures < 100; failures++) {
            long longest = Math.min(300, 5L << Math.min(failures - 1, 10));
            long wait = RemoteDomain.backOff(failures, random.nextDouble());

            assertThat(wait)
                    .as("after %d failures", failures)
                    .isBetween(TimeUnit.SECONDS.toNanos(longest) / 2, TimeUnit.SECONDS.toNanos(longest));
        }
        assertThat(RemoteDomain.backOff(3, 0.1)).isNotEqualTo(RemoteDomain.backOff(3, 0.9));
    }
}
