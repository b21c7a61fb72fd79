// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.lane.Turn;
import org.jspecify.annotations.Nullable;

/** Follows what happens to one node of each account, in the turn that changes it. */
public interface NodeObserver {
    /** @param before the item of the same id that it took the place of; null if there was none */
    default void published(Item item, @Nullable Item before, Turn turn) {}

    default void retracted(Item item, Turn turn) {}

    /** All items are gone, or the node itself. */
    default void emptied(Turn turn) {}
}
