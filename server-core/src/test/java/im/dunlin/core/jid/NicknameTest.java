// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NicknameTest {
    /** RFC 8266 §2.3, §2.4. */
    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {"Foo,foo", "' Foo ',foo", "foo  bar,Foo Bar", "foo\u00a0bar,foo bar", "ﬁ,fi", "Σ,σ", "Ⅻ,xii"})
    void sameNamesAreTheSame(String one, String other) {
        assertThat(Nickname.comparable(one)).isEqualTo(Nickname.comparable(other));
    }

    /** UTS 39 §4: Cyrillic, Greek, and what few fonts tell apart. */
    @ParameterizedTest
    @CsvSource({"paypal,раураl", "hag1,hagl", "Omen,Οmen"})
    void whatLooksTheSameIsTheSame(String one, String other) {
        assertThat(Nickname.comparable(one)).isEqualTo(Nickname.comparable(other));
    }

    @ParameterizedTest
    @CsvSource({"alice,alicia", "hag3,hag2", "ведьма,ведьмы", "魔女,魔法"})
    void differentNamesStayDifferent(String one, String other) {
        assertThat(Nickname.comparable(one)).isNotEqualTo(Nickname.comparable(other));
    }

    @Test
    void nothingButSpacesIsNoName() {
        assertThat(Nickname.comparable("  \u3000 ")).isNull();
    }
}
