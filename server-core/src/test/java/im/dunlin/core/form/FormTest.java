// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormTest {
    private static final Form FORM = Form.of(
            "urn:test",
            "Test",
            Field.fixed("Words"),
            Field.jids("jids", "Addresses"),
            Field.jid("jid", "Address"),
            Field.truth("yes", "Yes?", true),
            Field.oneOf("one", "One", List.of(new Field.Option("a", "A"), new Field.Option("b", "B")))
                    .with("a"),
            Field.someOf("some", "Some", List.of(new Field.Option("a", "A"), new Field.Option("b", "B"))),
            Field.secret("password", "Password"),
            Field.lines("lines", "Lines"));

    private static Element sent(String... fields) {
        StringBuilder form = new StringBuilder("<x xmlns='jabber:x:data' type='submit'>");
        for (int i = 0; i < fields.length; i += 2) {
            form.append("<field var='%s'>".formatted(fields[i]));
            for (String value : fields[i + 1].isEmpty() ? new String[0] : fields[i + 1].split("\\|", -1)) {
                form.append("<value>%s</value>".formatted(value));
            }
            form.append("</field>");
        }
        return TestXml.parse(form.append("</x>").toString());
    }

    @Test
    void valuesGetTheirOneForm() {
        Submission read = FORM.submitted(sent(
                "jids", "Romeo@LOCALHOST|romeo@localhost|juliet@localhost/b",
                "jid", " juliet@localhost ",
                "yes", "false",
                "one", "b",
                "some", "b|a|b",
                "lines", "first||third|"));
        assertThat(read.jids("jids")).containsExactly(Jid.of("romeo@localhost"), Jid.of("juliet@localhost/b"));
        assertThat(read.jid("jid")).isEqualTo(Jid.of("juliet@localhost"));
        assertThat(read.isTrue("yes")).isFalse();
        assertThat(read.one("one")).isEqualTo("b");
        assertThat(read.all("some")).containsExactly("b", "a");
        assertThat(read.lines("lines")).isEqualTo("first\n\nthird\n");
        assertThat(read.one("password")).isNull();
    }

    @Test
    void absentFieldIsWhatStoodInItAndEmptyFieldIsEmpty() {
        Submission absent = FORM.submitted(sent());
        assertThat(absent.isTrue("yes")).isTrue();
        assertThat(absent.one("one")).isEqualTo("a");
        Submission empty = FORM.submitted(sent("yes", "", "one", ""));
        assertThat(empty.isTrue("yes")).isFalse();
        assertThat(empty.one("one")).isNull();
    }

    @Test
    void valuesThatAFieldCannotHaveAreRefused() {
        for (String[] wrong : new String[][] {
            {"jid", "@"},
            {"jid", "a@localhost|b@localhost"},
            {"yes", "maybe"},
            {"one", "c"},
            {"some", "a|c"},
            {"jids", "a@b|".repeat(101) + "c"},
            {"lines", "x|".repeat(101)}
        }) {
            assertThatThrownBy(() -> FORM.submitted(sent(wrong)))
                    .as(wrong[0] + " " + wrong[1])
                    .isInstanceOf(StanzaException.class);
        }
    }

    @Test
    void formLargerThanAnyOfOursIsRefused() {
        String[] many = new String[2 * 201];
        for (int i = 0; i < many.length; i += 2) {
            many[i] = "field" + i;
            many[i + 1] = "x";
        }
        assertThatThrownBy(() -> FORM.submitted(sent(many))).isInstanceOf(StanzaException.class);
        assertThatThrownBy(() -> FORM.submitted(sent("one", "x".repeat(200_000))))
                .isInstanceOf(StanzaException.class);
        assertThatThrownBy(() -> FORM.submitted(sent("one", "a", "one", "b"))).isInstanceOf(StanzaException.class);
    }

    @Test
    void secretsAreNotShownAgain() {
        Submission read = FORM.submitted(sent("password", "secret", "one", "b"));
        assertThat(read.toString()).doesNotContain("secret");
        assertThat(FORM.filledWith(read).element().toString())
                .doesNotContain("secret")
                .contains("<value>b</value>");
    }

    @Test
    void resultHasNothingToFillIn() {
        assertThat(FORM.result().toString()).doesNotContain("option").contains("type='result'");
        assertThat(new ResultTable(
                                "urn:test",
                                "All",
                                List.of(Field.jid("jid", "Address"), Field.text("n", "Number")),
                                List.of(List.of("a@b", "1"), List.of("c@d", "2")))
                        .result()
                        .toString())
                .contains("<item><field var='jid'><value>c@d</value></field>"
                        + "<field var='n'><value>2</value></field></item>")
                .contains("<reported><field type='jid-single' var='jid' label='Address'/>");
    }
}
