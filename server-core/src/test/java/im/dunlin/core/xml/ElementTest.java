// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.StanzaError.Condition;
import im.dunlin.core.stanza.StanzaException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ElementTest {
    private static final String NS = "urn:example";
    private static final Name ITEM = Name.of(NS, "item");
    private static final Name NAME = Name.of(NS, "name");

    private final Element item = Xml.element("<item xmlns='urn:example' jid='a@b.example' bad='@' n='5' t='true' o='0'>"
            + "x<name>one</name>y<name/><other/></item>");

    @Test
    void partsAreFound() {
        assertThat(item.name()).isEqualTo(ITEM);
        assertThat(item.attr("n")).isEqualTo("5");
        assertThat(item.attr("m")).isNull();
        assertThat(item.text()).isEqualTo("xy");
        assertThat(item.text(NAME)).isEqualTo("one");
        assertThat(item.children()).hasSize(3);
        assertThat(item.children(NAME)).hasSize(2);
        assertThat(item.first(NAME)).isEqualTo(item.firstChild());
        assertThat(item.has(Name.of(NS, "none"))).isFalse();
    }

    @Test
    void changedCopiesLeaveTheOriginal() {
        Element more = item.attr("n", "6").child(NAME, "two").text("z").lang("en");
        assertThat(more.attr("n")).isEqualTo("6");
        assertThat(more.children(NAME)).hasSize(3);
        assertThat(more.text()).isEqualTo("xyz");
        assertThat(more.lang()).isEqualTo("en");
        assertThat(item.attr("n")).isEqualTo("5");
        assertThat(item.attrIfPresent("n", null)).isSameAs(item);
        assertThat(item.childIfPresent(null)).isSameAs(item);
    }

    @Test
    void elementsAreEqualByContent() {
        assertThat(Xml.element("<a b='1' c='2'>x<d/></a>"))
                .isEqualTo(Xml.element("<a c='2' b='1'>x<d/></a>"))
                .hasSameHashCodeAs(Xml.element("<a c='2' b='1'>x<d/></a>"))
                .isNotEqualTo(Xml.element("<a c='2' b='1'><d/>x</a>"))
                .isNotEqualTo(Xml.element("<a c='2'>x<d/></a>"));
        assertThat(Element.of(NAME, "a").text("b")).isEqualTo(Element.of(NAME, "ab"));
    }

    @Test
    void whatIsRequiredIsReturned() {
        assertThat(item.requireAttr("n")).isEqualTo("5");
        assertThat(item.requireJid("jid")).isEqualTo(Jid.of("a@b.example"));
        assertThat(item.optionalJid("none")).isNull();
        assertThat(item.optionalInt("n", 0, 5)).isEqualTo(5);
        assertThat(item.optionalInt("none", 0, 5)).isNull();
        assertThat(item.requireInt("n", 0, 5)).isEqualTo(5);
        assertThat(item.optionalBoolean("t", false)).isTrue();
        assertThat(item.optionalBoolean("o", true)).isFalse();
        assertThat(item.optionalBoolean("none", true)).isTrue();
        assertThat(item.requireChild(NAME).requireText()).isEqualTo("one");
        assertThat(item.requireText(NAME)).isEqualTo("one");
    }

    @Test
    void peersMistakesAreStanzaErrors() {
        refuses(Condition.BAD_REQUEST, () -> item.requireAttr("none"));
        refuses(Condition.BAD_REQUEST, () -> item.requireJid("none"));
        refuses(Condition.JID_MALFORMED, () -> item.requireJid("bad"));
        refuses(Condition.JID_MALFORMED, () -> item.optionalJid("bad"));
        refuses(Condition.BAD_REQUEST, () -> item.optionalInt("n", 6, 9));
        refuses(Condition.BAD_REQUEST, () -> item.optionalInt("jid", 0, 9));
        refuses(Condition.BAD_REQUEST, () -> item.requireInt("none", 0, 9));
        refuses(Condition.BAD_REQUEST, () -> item.optionalBoolean("n", false));
        refuses(Condition.BAD_REQUEST, () -> item.requireChild(ITEM));
        refuses(Condition.BAD_REQUEST, () -> item.requireText(ITEM));
        refuses(Condition.BAD_REQUEST, () -> Element.of(NAME).requireText());
    }

    private static void refuses(Condition condition, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StanzaException.class,
                        e -> assertThat(e.error().condition()).isEqualTo(condition))
                .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
    }
}
