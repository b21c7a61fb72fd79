// SPDX-License-Identifier: Apache-2.0
/** Delivery: server receipts with id and time, and retries without duplicates, for Xabber's clients. */
@NullMarked
package im.dunlin.sync.delivery;

import org.jspecify.annotations.NullMarked;
