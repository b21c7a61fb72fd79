// SPDX-License-Identifier: Apache-2.0
/**
 * Owners, lanes and turns: the one place where state changes.
 *
 * <p>Every account, room and service is an {@link im.dunlin.core.lane.Owner}; its bare JID hashes to one of 1,024 slots and
 * each slot belongs to one {@link im.dunlin.core.lane.Lane}. All work for an owner is a {@link im.dunlin.core.lane.Turn} on
 * that lane, one at a time. What a turn writes becomes durable together, and nothing that it sends leaves before that.
 */
@NullMarked
package im.dunlin.core.lane;

import org.jspecify.annotations.NullMarked;
