// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;

/** Follows the life of sessions; runs in the turn that changes it. */
@FunctionalInterface
public interface SessionStep {
    void apply(ClientSession session, Turn turn);
}
