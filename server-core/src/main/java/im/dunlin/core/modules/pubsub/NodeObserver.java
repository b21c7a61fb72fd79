// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.lane.Turn;

/** Follows what happens to one node of each account, in the turn that changes it. */
public interface NodeObserver {
    default void published(Item item, Turn turn) {}

    default void retracted(String id, Turn turn) {}

    /** All items are gone, or the node itself. */
    default void emptied(Turn turn) {}
}
