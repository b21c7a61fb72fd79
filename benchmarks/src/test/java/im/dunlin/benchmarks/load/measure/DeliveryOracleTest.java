// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeliveryOracleTest {
    private final DeliveryOracle oracle = new DeliveryOracle(2);

    @BeforeEach
    void threeMessagesInOneFlow() {
        oracle.sending(0);
        oracle.sending(0);
        oracle.sending(0);
    }

    @Test
    void eachOnceAndInOrderIsRight() {
        receive(0, 1, 2);
        assertThat(oracle.isSatisfied()).isTrue();
    }

    @Test
    void aLostMessageIsSeen() {
        receive(0, 2);
        assertThat(oracle.lost()).isEqualTo(1);
        assertThat(oracle.isSatisfied()).isFalse();
    }

    @Test
    void aDoubledMessageIsSeen() {
        receive(0, 1, 1, 2);
        assertThat(oracle.lost()).isZero();
        assertThat(oracle.doubled()).isEqualTo(1);
        assertThat(oracle.isSatisfied()).isFalse();
    }

    @Test
    void aMessageOutOfOrderIsSeen() {
        receive(1, 0, 2);
        assertThat(oracle.reordered()).isEqualTo(1);
        assertThat(oracle.isSatisfied()).isFalse();
    }

    @Test
    void aMessageThatNobodySentIsSeen() {
        receive(0, 1, 2);
        assertThat(oracle.received(1, 0)).isFalse();
        assertThat(oracle.received(7, 0)).isFalse();
        assertThat(oracle.isSatisfied()).isFalse();
    }

    private void receive(int... numbers) {
        for (int number : numbers) {
            oracle.received(0, number);
        }
    }
}
