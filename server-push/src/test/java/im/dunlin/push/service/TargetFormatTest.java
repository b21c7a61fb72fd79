// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.service;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.Golden;
import org.junit.jupiter.api.Test;

/** What is on disk stays readable. */
class TargetFormatTest {
    @Test
    void valueIsAsItWas() {
        Golden.check(
                "push-target",
                Target.VALUE,
                new Target(
                        Target.Dialect.TIGASE,
                        "capulet.example",
                        "juliet@capulet.example",
                        "ios",
                        "0011",
                        "2233",
                        null,
                        null,
                        "q0Wm",
                        1_760_000_300_000_000L));
    }

    @Test
    void ordinalsOnDiskKeepTheirMeaning() {
        assertThat(Target.Dialect.values()).containsExactly(Target.Dialect.CONVERSATIONS, Target.Dialect.TIGASE);
    }

    @Test
    void nodeIsReadAsItIsWritten() {
        Targets.Node node = new Targets.Node(Long.MIN_VALUE, -1);
        assertThat(Targets.Node.parse(node.text())).isEqualTo(node);
        assertThat(node.text()).hasSize(22);
        assertThat(Targets.Node.parse("0123456789abcdef".repeat(4))).isNull();
        assertThat(Targets.Node.parse("no base64!")).isNull();
    }
}
