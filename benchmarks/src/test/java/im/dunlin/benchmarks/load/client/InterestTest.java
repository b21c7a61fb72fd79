// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.modules.caps.CapsHash;
import im.dunlin.core.testing.TestXml;
import org.junit.jupiter.api.Test;

class InterestTest {
    @Test
    void theHashIsOfWhatIsAnswered() {
        assertThat(CapsHash.sha1(TestXml.parse(Interest.info("node")))).isEqualTo(Interest.hash());
        assertThat(Interest.presence()).contains("ver='" + Interest.hash() + "'");
    }
}
