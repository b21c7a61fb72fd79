// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.stanza.Iq;
import im.dunlin.core.testing.TestStanzas;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallWordTest {
    private static CallWord of(String attributes, String content) {
        return CallWord.of(TestStanzas.message("<message " + attributes + ">" + content + "</message>"));
    }

    private static String propose(String id) {
        return "<propose xmlns='urn:xmpp:jingle-message:0' id='" + id + "'/>";
    }

    @Test
    void acceptOfOldVersionsIsProceed() {
        CallWord word = of("type='chat'", "<accept xmlns='urn:xmpp:jingle-message:0' id='c1'/><body>x</body>");

        assertThat(Objects.requireNonNull(word).kind()).isEqualTo(CallWord.Kind.PROCEED);
    }

    @Test
    void messageWithoutTypeCounts() {
        assertThat(of("", propose("c1"))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"error", "headline", "groupchat"})
    void otherTypesSayNothingOfCalls(String type) {
        assertThat(of("type='" + type + "'", propose("c1"))).isNull();
    }

    @Test
    void twoWordsInOneMessageSayNothing() {
        assertThat(of("type='chat'", propose("c1") + propose("c1"))).isNull();
        assertThat(of("type='chat'", propose("c1") + "<retract xmlns='urn:xmpp:jingle-message:0' id='c1'/>"))
                .isNull();
    }

    @Test
    void wordInsideSomethingElseIsNone() {
        assertThat(of("type='chat'", "<x xmlns='urn:example:x'>" + propose("c1") + "</x>"))
                .isNull();
        assertThat(of("type='chat'", "<x xmlns='urn:xmpp:jingle-message:0' id='c1'>" + propose("c1") + "</x>"))
                .isNull();
    }

    @Test
    void idIsNeededAndBounded() {
        String longest = "s".repeat(CallWord.MAX_SID);
        assertThat(of("type='chat'", propose(longest))).isNotNull();
        for (String id : List.of("", longest + "s", "s".repeat(10_000), "\u00e4".repeat(65), "a&#9;b", "a&#133;b")) {
            assertThat(of("type='chat'", propose(id))).as(id).isNull();
        }
        assertThat(of("type='chat'", "<propose xmlns='urn:xmpp:jingle-message:0'/>"))
                .isNull();
    }

    @Test
    void draftThatWasSkippedIsNotHeard() {
        assertThat(of("type='chat'", "<propose xmlns='urn:xmpp:jingle-message:1' id='c1'/>"))
                .isNull();
    }

    @Test
    void endOfAJingleSessionIsHeard() {
        String iq = "<iq type='%s'><jingle xmlns='urn:xmpp:jingle:1' action='%s' sid='c1'/></iq>";
        CallWord word = CallWord.terminating((Iq) TestStanzas.parse(iq.formatted("set", "session-terminate")));

        assertThat(Objects.requireNonNull(word).kind()).isEqualTo(CallWord.Kind.FINISH);
        assertThat(CallWord.terminating((Iq) TestStanzas.parse(iq.formatted("set", "session-initiate"))))
                .isNull();
        assertThat(CallWord.terminating((Iq) TestStanzas.parse(iq.formatted("error", "session-terminate"))))
                .isNull();
    }
}
