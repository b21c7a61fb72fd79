// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MixedScriptsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "alice",
                "alice-2_b.c",
                "zoë",
                "алиса",
                "αλίκη",
                "אליס",
                "りんごジャム林檎",
                "j-pop東京タワー",
                "김철수2",
                "2024",
                "नमस्ते",
                "ㄅㄆ注音abc"
            })
    void namesOfALanguageAreNotMixed(String name) {
        assertThat(MixedScripts.areIn(name)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0430lice", "alic\u0435", "b\u03bfb", "\u0430\u03b1", "김りんご", "a\u0585"})
    void lookAlikesAreMixed(String name) {
        assertThat(MixedScripts.areIn(name)).isTrue();
    }
}
