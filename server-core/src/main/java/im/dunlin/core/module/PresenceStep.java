// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Presence;

/** Sees each presence that passed the screens; returns it, changed or not, for the next step. */
@FunctionalInterface
public interface PresenceStep {
    Presence apply(Presence presence, Way way, Turn turn);
}
