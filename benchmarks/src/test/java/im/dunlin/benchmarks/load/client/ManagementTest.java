// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ManagementTest {
    private final Management management = new Management();

    @Test
    void whatIsAcknowledgedNeedsNoSecondSending() {
        management.sent("<a/>");
        management.sent("<b/>");
        management.sent("<c/>");
        assertThat(management.acknowledge(2)).isTrue();
        assertThat(management.unacknowledged()).containsExactly("<c/>");
    }

    @Test
    void nothingCanBeAcknowledgedThatWasNotSentOrTakenBack() {
        management.sent("<a/>");
        assertThat(management.acknowledge(2)).isFalse();
        assertThat(management.acknowledge(1)).isTrue();
        assertThat(management.acknowledge(0)).isFalse();
    }
}
