// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.benchmarks.load.client.Received;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class LoadTest {
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private final StringWriter complaints = new StringWriter();
    private final CommandLine load = Load.commandLine().setErr(new PrintWriter(complaints));

    @Test
    void anotherMachineIsPutUnderLoadOnlyIfItsNameIsSaidTwice() {
        assertThat(load.execute("login", "--host", "192.0.2.1")).isEqualTo(WRONG_USAGE);
        assertThat(complaints.toString()).contains("--permit-host 192.0.2.1");
        assertThat(load.execute("login", "--host", "192.0.2.1", "--permit-host", "192.0.2.2"))
                .isEqualTo(WRONG_USAGE);
    }

    @Test
    void aLoadWithTooFewAccountsIsRefused() {
        assertThat(load.execute("chat", "--pairs", "20", "--accounts", "39")).isEqualTo(WRONG_USAGE);
        assertThat(complaints.toString()).contains("40 accounts");
    }

    @Test
    void whyItCouldNotBeDoneIsOneLine() {
        assertThat(load.execute("compare", "no-such-file", "--base", "dunlin")).isEqualTo(FAILED);
        assertThat(complaints.toString()).contains("no-such-file").hasLineCount(1);
    }

    @Test
    void aMessageIsKnownAgainInWhateverItComesIn() {
        Tagged message = new Tagged(3, 17, 123_456_789_012L);
        String copy = "<message><received xmlns='urn:xmpp:carbons:2'>" + message.stanza("b@localhost")
                + "</received></message>";
        assertThat(Tagged.of(Received.of(copy))).isEqualTo(message);
        assertThat(Tagged.of(Received.of("<message><body>hello</body></message>")))
                .isNull();
    }

    @Test
    void whatAnEarlierRunLeftIsNoMessageOfThisOne() {
        Received late = Received.of(new Tagged(3, 17, 1_000).stanza("b@localhost"));
        assertThat(Tagged.since(1_001, late)).isNull();
        assertThat(Tagged.since(1_000, late)).isNotNull();
    }
}
