// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JidTest {

    @Test
    void partsAreCutFromTheText() throws JidException {
        Jid jid = Jid.parse("juliet@capulet.example/balcony/left@home");
        assertThat(jid.local()).isEqualTo("juliet");
        assertThat(jid.domain()).isEqualTo("capulet.example");
        assertThat(jid.resource()).isEqualTo("balcony/left@home");
        assertThat(jid.bare()).isEqualTo(BareJid.of("juliet@capulet.example"));
    }

    @Test
    void addressOfAServerHasNoLocalpart() throws JidException {
        Jid jid = Jid.parse("capulet.example");
        assertThat(jid).isInstanceOf(BareJid.class);
        assertThat(jid.local()).isNull();
        assertThat(jid.isDomain()).isTrue();
        assertThat(Jid.parse("capulet.example/x").isDomain()).isFalse();
    }

    @Test
    void partsAreJoined() throws JidException {
        assertThat(BareJid.of("Juliet", "Capulet.example").withResource("Balcony"))
                .hasToString("juliet@capulet.example/Balcony");
        assertThat(BareJid.ofDomain("capulet.example").domainJid()).hasToString("capulet.example");
        assertThat(BareJid.of("juliet@capulet.example").domainJid()).hasToString("capulet.example");
    }

    /** Left as a peer may write it, right as it is compared (RFC 7622 section 3.5 and threats S17). */
    @ParameterizedTest
    @CsvSource({
        "JULIET@Capulet.EXAMPLE/Balcony, juliet@capulet.example/Balcony",
        "juliet@capulet.example., juliet@capulet.example",
        "fußball@example.com, fußball@example.com",
        "π@example.com, π@example.com",
        "Σ@example.com, σ@example.com",
        "ΣΑΣ@example.com, σας@example.com",
        "king@example.com/♚, king@example.com/♚",
        "ｊｕｌｉｅｔ@example.com, juliet@example.com",
        "Ä@example.com, ä@example.com",
        "A\u0308@example.com, ä@example.com",
        "İ@example.com, i\u0307@example.com",
        "a@faß.de, a@faß.de",
        "a@xn--fa-hia.de, a@faß.de",
        "a@bücher。example, a@bücher.example",
        "a@example.com/foo\u3000bar, a@example.com/foo bar",
        "a@[::1]/x, a@[::1]/x",
        "a@[2001:DB8::1], a@[2001:db8::1]",
        "a@127.0.0.1, a@127.0.0.1",
        "אב@example.com, אב@example.com",
        "l·l@example.com, l·l@example.com",
        "שׁ״@example.com, שׁ״@example.com",
    })
    void addressIsPrepared(String text, String prepared) throws JidException {
        assertThat(Jid.parse(text)).hasToString(prepared);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "@",
                "@example.com",
                "a@",
                "a@/b",
                "/b",
                "a@example.com/",
                "a b@example.com",
                "a\"b@example.com",
                "a&b@example.com",
                "a'b@example.com",
                "a:b@example.com",
                "a<b@example.com",
                "a>b@example.com",
                "a@b@example.com",
                // Fullwidth forms of excluded characters.
                "a＠b@example.com",
                "a＆b@example.com",
                "henryⅣ@example.com",
                "♚@example.com",
                "a\u200Bb@example.com",
                "a\u00ADb@example.com",
                "a\u200Db@example.com",
                "a\u0000b@example.com",
                "a\uD800b@example.com",
                "a\uFFFFb@example.com",
                "\u1100@example.com",
                "a\u0640b@example.com",
                // A localpart of both directions, and digits of two kinds.
                "aא@example.com",
                "א1\u0661@example.com",
                "\u0661\u06F1@example.com",
                "a·b@example.com",
                "a@example..com",
                "a@.example.com",
                "a@.",
                "a@-example.com",
                "a@example-.com",
                "a@exa_mple.com",
                "a@exa mple.com",
                "a@xn--a.com",
                "a@ab--c.com",
                "a@example.com\u200D",
                "a@[::1",
                "a@[1]",
                "a@[::1]x",
                "a@[fe80::1%eth0]",
                "a@[example.com]",
                "a@example.com/\u0007",
                "a@example.com/\u200B",
            })
    void whatIsNoAddressIsRefused(String text) {
        assertThatThrownBy(() -> Jid.parse(text)).isInstanceOf(JidException.class);
    }

    @Test
    void partsAreAtMost1023BytesLong() throws JidException {
        assertThat(Jid.parse("a".repeat(1023) + "@example.com/" + "b".repeat(1023)))
                .isNotNull();
        assertThatThrownBy(() -> Jid.parse("a".repeat(1024) + "@example.com")).isInstanceOf(JidException.class);
        assertThatThrownBy(() -> Jid.parse("a@example.com/" + "b".repeat(1024))).isInstanceOf(JidException.class);
        assertThatThrownBy(() -> Jid.parse("ä".repeat(512) + "@example.com")).isInstanceOf(JidException.class);
        assertThatThrownBy(() -> Jid.parse("a@" + "b".repeat(64) + ".example")).isInstanceOf(JidException.class);
        assertThatThrownBy(() -> Jid.parse("a@" + "ä.".repeat(200) + "example")).isInstanceOf(JidException.class);
    }

    @Test
    void messageOfTheExceptionDoesNotRepeatTheText() {
        assertThatThrownBy(() -> Jid.parse("secret secret@example.com"))
                .isInstanceOf(JidException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void constantThatIsNoAddressIsABug() {
        assertThatThrownBy(() -> Jid.of("@")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BareJid.of("a@b/c")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FullJid.of("a@b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BareJid.ofDomain("a@b")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void storedAddressIsReadAsItIs() {
        for (String text : new String[] {"a@b.example/c/d@e", "b.example", "b.example/c", "a@b.example"}) {
            assertThat(Jid.prepared(text)).isEqualTo(Jid.of(text)).hasToString(text);
        }
    }

    @Test
    void passwordIsComparedAsOpaqueString() {
        assertThat(Precis.opaqueString("correct\u00A0horse")).isEqualTo("correct horse");
        assertThat(Precis.opaqueString("A\u0308Ⅳ")).isEqualTo("ÄⅣ");
        assertThat(Precis.opaqueString("")).isNull();
        assertThat(Precis.opaqueString("a\tb")).isNull();
    }

    @Test
    void versionOfTheUnicodeDataIsThatOfOurOwnLibrary() {
        assertThat(Precis.unicodeVersion()).isEqualTo("18.0.0.0");
    }
}
