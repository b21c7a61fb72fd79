// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestStanzas;
import im.dunlin.sync.calls.Call.State;
import im.dunlin.sync.calls.CallTransitions.Event;
import im.dunlin.sync.calls.CallTransitions.Next;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each row of the table. */
class CallTransitionsTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "RINGING,   ringing,   -,         -",
                "ANSWER,    answered,  answered,  -",
                "DECLINE,   rejected,  rejected,  finished",
                "CANCEL,    retracted, retracted, finished",
                "MIGRATION, migrated,  migrated,  migrated",
                "TIE_BREAK, tie-break, tie-break, -",
                "TIMEOUT,   timeout,   timeout,   -",
                "LOSS,      -,         -,         lost",
                "BLOCK,     blocked,   blocked,   blocked"
            })
    void eventLeadsOnFromEachState(Event event, String proposed, String ringing, String answered) {
        assertThat(next(State.PROPOSED, event)).isEqualTo(proposed);
        assertThat(next(State.RINGING, event)).isEqualTo(ringing);
        assertThat(next(State.ANSWERED, event)).isEqualTo(answered);
    }

    @ParameterizedTest
    @EnumSource
    void whatEndedStaysEnded(Event event) {
        assertThat(CallTransitions.next(State.ENDED, event)).isNull();
    }

    private static String next(State state, Event event) {
        Next next = CallTransitions.next(state, event);
        if (next == null) {
            return null;
        }
        assertThat(next.reason() != null).isEqualTo(next.state() == State.ENDED);
        return next.reason() == null ? next.state().wire() : next.reason().wire();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "propose, '',                       -,         -",
                "ringing, '',                       -,         RINGING",
                "proceed, '',                       -,         ANSWER",
                "accept,  '',                       -,         ANSWER",
                "retract, '',                       CANCEL,    -",
                "retract, <tie-break/>,             TIE_BREAK, -",
                "reject,  '',                       CANCEL,    DECLINE",
                "reject,  <tie-break/>,             TIE_BREAK, TIE_BREAK",
                "finish,  '',                       CANCEL,    DECLINE",
                "finish,  <migrated to='other'/>,   MIGRATION, MIGRATION"
            })
    void wordMeansWhatItsSpeakerMayMean(String word, String content, Event byCaller, Event byCalled) {
        CallWord said = Objects.requireNonNull(CallWord.of(
                TestStanzas.message(CallsFixture.say(word, "juliet@localhost", "c1", content, CallsFixture.STORE))));

        assertThat(CallTransitions.event(said, true)).isEqualTo(byCaller);
        assertThat(CallTransitions.event(said, false)).isEqualTo(byCalled);
    }
}
