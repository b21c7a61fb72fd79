// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

/**
 * Bounds of what one account or service keeps.
 *
 * @param nodes of the owner
 * @param nodesOfCreator nodes with which one entity has something to do, beyond which it makes no more
 * @param items of a node
 * @param itemBytes of an item's payload
 * @param bytes of all items of the owner
 * @param relations of a node: entities that are subscribed or affiliated
 */
record PubSubLimits(int nodes, int nodesOfCreator, int items, int itemBytes, long bytes, int relations) {}
