// SPDX-License-Identifier: Apache-2.0
/**
 * The roster, and subscriptions to presence (RFC 6121 §2 and §3).
 *
 * <p>Other modules ask {@link im.dunlin.core.modules.roster.RosterView}; nobody else reads or writes these tables.
 */
@NullMarked
package im.dunlin.core.modules.roster;

import org.jspecify.annotations.NullMarked;
