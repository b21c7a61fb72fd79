// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.catchup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MissedTest {
    private final Missed missed =
            new Missed(5, "17", "1760", new TreeMap<>(Map.of(1, new Missed.Span(10, 2), 3, new Missed.Span(7, 1))));

    @TempDir
    private Path directory;

    @Test
    void itSurvivesBeingWritten() throws IOException {
        Path file = directory.resolve("state");
        missed.write(file);
        assertThat(Missed.read(file)).isEqualTo(missed);
        assertThat(missed.messages()).isEqualTo(3);
    }

    @Test
    void whatWasMissedMustComeWhole() {
        Missed.Expected expected = missed.expected();
        expected.message(1, 10);
        expected.message(3, 7);
        assertThat(expected.hasMessages()).isFalse();
        expected.message(1, 11);
        assertThat(expected.hasMessages()).isTrue();
    }

    @Test
    void whatTheDeviceKnewMustNotComeAgain() {
        Missed.Expected expected = missed.expected();
        expected.message(1, 9);
        expected.message(1, 10);
        expected.message(1, 11);
        expected.message(3, 7);
        assertThat(expected.hasMessages()).isFalse();
    }

    @Test
    void aConversationComesOnceWithItsLastMessage() {
        Missed.Expected expected = missed.expected();
        expected.conversation(1, 11);
        assertThat(expected.hasConversations()).isFalse();
        assertThatThrownBy(() -> expected.conversation(1, 11)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> expected.conversation(3, 6)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> expected.conversation(2, 0)).isInstanceOf(IllegalStateException.class);
        expected.conversation(3, 7);
        assertThat(expected.hasConversations()).isTrue();
    }
}
