// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import org.junit.jupiter.api.Test;

class SharesTest {
    private static final BareJid TYBALT = BareJid.of("tybalt@capulet.example");
    private static final BareJid JULIET = BareJid.of("juliet@capulet.example");

    private final Shares shares = new Shares(100);

    @Test
    void whoUsesUpTheShareOfOneLeavesThoseOfOthers() {
        assertThat(shares.take(TYBALT)).isTrue();
        assertThat(shares.take(TYBALT)).isTrue();

        assertThat(shares.take(TYBALT)).isFalse();
        assertThat(shares.take(JULIET)).isTrue();
    }

    @Test
    void whatIsGivenBackCanBeTakenAgain() {
        shares.take(TYBALT);
        shares.take(TYBALT);
        shares.take(TYBALT);
        shares.giveBack(TYBALT);

        assertThat(shares.take(TYBALT)).isTrue();
        assertThat(shares.take(TYBALT)).isFalse();
    }
}
