// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Turn;

/** What a module does with a message in one {@link Stage}. */
@FunctionalInterface
public interface MessageStep {
    Verdict apply(Passage passage, Turn turn);
}
