// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What became of an attempt, as far as it matters to the push and its registration. */
sealed interface Outcome {
    /** In words, for operators. */
    String reason();

    /** The service has it. */
    record Accepted(String reason) implements Outcome {}

    /** It may be sent again. @param after as the service says; null if it does not */
    record Later(String reason, @Nullable Duration after) implements Outcome {}

    /** It may have arrived, and is not to arrive twice. */
    record Unknown(String reason) implements Outcome {}

    /** It was not even tried, and nobody is to blame. */
    record NotSent(String reason, Duration after) implements Outcome {}

    /** The registration reaches nobody, or so the service says. */
    record Unreachable(String reason) implements Outcome {}

    /** The service takes nothing for the registration, and may yet. */
    record Doubtful(String reason) implements Outcome {}

    /** The service does not take this push and never will. */
    record Refused(String reason) implements Outcome {}
}
