// SPDX-License-Identifier: Apache-2.0
/**
 * Typed, ordered tables and one atomic batch. Knows nothing of XMPP.
 *
 * <p>What it promises: the byte order of keys is the order of scans; a {@link im.dunlin.storage.Batch} reaches the
 * store whole or not at all and touches one slot only; what was written is visible at once and durable after the next
 * {@link im.dunlin.storage.Store#sync}. A failed write or sync is final: the store then refuses every later write.
 */
@NullMarked
package im.dunlin.storage;

import org.jspecify.annotations.NullMarked;
