// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class VerificationsTest {
    private final Verifications verifications = new Verifications();

    private static InetAddress address(int last) throws Exception {
        return InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) last});
    }

    @Test
    void oneAddressHasSomeAtATime() throws Exception {
        for (int i = 0; i < Verifications.MOST_OF_ADDRESS; i++) {
            assertThat(verifications.begin(address(1))).isTrue();
        }

        assertThat(verifications.begin(address(1))).isFalse();
        assertThat(verifications.begin(address(2))).isTrue();
        verifications.end(address(1));
        assertThat(verifications.begin(address(1))).isTrue();
    }

    @Test
    void allTogetherAreBounded() throws Exception {
        for (int i = 0; i < Verifications.MOST; i++) {
            assertThat(verifications.begin(address(i / 10))).isTrue();
        }

        assertThat(verifications.begin(address(200))).isFalse();
    }
}
