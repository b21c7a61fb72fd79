// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.stanza.StanzaError;

/** What a step decided about a stanza. */
public sealed interface Verdict {
    /** It goes on. */
    Verdict PASS = new Pass();

    record Pass() implements Verdict {}

    /** It ends here, in silence. */
    record Drop(String reason) implements Verdict {}

    /** It ends here, and its sender is told so, unless it is itself an answer. */
    record Bounce(StanzaError error) implements Verdict {}

    static Verdict drop(String reason) {
        return new Drop(reason);
    }

    static Verdict bounce(StanzaError error) {
        return new Bounce(error);
    }
}
