// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.catchup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.benchmarks.load.Tagged;
import im.dunlin.benchmarks.load.client.Received;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DeltaTest {
    private final Missed missed =
            new Missed(5, "17", "1760", new TreeMap<>(Map.of(1, new Missed.Span(10, 2), 3, new Missed.Span(7, 1))));
    private final Missed.Expected expected = missed.expected();
    private final List<String> asked = new ArrayList<>();
    private final Deque<String> answers = new ArrayDeque<>();
    private final Delta delta = new Delta(
            query -> {
                asked.add(query.xml());
                return Received.of(answers.remove());
            },
            "1760",
            1000,
            expected);

    @Test
    void allThatWasMissedIsInTheAnswerToTheLogin() throws Exception {
        delta.read(answer("", whole(1, 10, 11) + whole(3, 7)));
        assertThat(expected.hasConversations()).isTrue();
        assertThat(expected.hasMessages()).isTrue();
        assertThat(asked).isEmpty();
    }

    @Test
    void whatDoesNotComeIsMissed() throws Exception {
        delta.read(answer("", whole(1, 11) + whole(3, 7)));
        assertThat(expected.hasConversations()).isTrue();
        assertThat(expected.hasMessages()).isFalse();
    }

    @Test
    void pagesAreAskedForAndHolesAreFilled() throws Exception {
        answers.add("<iq type='result'>" + answer("", conversation(3, body(3, 7))) + "</iq>");
        answers.add("<iq type='result'>" + messages(1, true, 10) + "</iq>");
        answers.add("<iq type='result'>" + messages(3, true, 7) + "</iq>");
        delta.read(answer(" more='2.9'", conversation(1, "") + messages(1, false, 11)));
        assertThat(expected.hasConversations()).isTrue();
        assertThat(expected.hasMessages()).isTrue();
        assertThat(asked.get(0)).contains(" after='2.9'");
        assertThat(asked.get(1)).contains("jid='p1@localhost'", " from='1761' to='2010'");
        assertThat(asked.get(2)).contains("jid='p3@localhost'", " from='1761' bytes=");
        assertThat(asked).hasSize(3);
    }

    @Test
    void anErrorIsNoDelta() {
        answers.add("<iq type='error'/>");
        assertThatThrownBy(() -> delta.read(Received.of("<success/>"))).isInstanceOf(IllegalStateException.class);
    }

    private static Received answer(String more, String conversations) {
        return Received.of("<success><delta stamp='1780'" + more + ">" + conversations + "</delta></success>");
    }

    private static String whole(int flow, int... numbers) {
        return conversation(flow, "") + messages(flow, true, numbers);
    }

    private static String conversation(int flow, String last) {
        return "<conversation jid='p" + flow + "@localhost' type='urn:xabber:chat'>" + last + "</conversation>";
    }

    private static String messages(int flow, boolean complete, int... numbers) {
        StringBuilder xml = new StringBuilder("<messages jid='p" + flow + "@localhost' complete='" + complete + "'>");
        for (int number : numbers) {
            xml.append("<entry id='")
                    .append(2000 + number)
                    .append("'>")
                    .append(body(flow, number))
                    .append("</entry>");
        }
        return xml.append("</messages>").toString();
    }

    private static String body(int flow, int number) {
        return "<message><body>" + new Tagged(flow, number, 1) + "</body></message>";
    }
}
