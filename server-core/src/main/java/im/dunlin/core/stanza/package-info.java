// SPDX-License-Identifier: Apache-2.0
/**
 * Message, presence and iq: a parsed header, and a payload that stays closed until somebody asks.
 *
 * <p>Everything here is immutable and may be shared between threads.
 */
@NullMarked
package im.dunlin.core.stanza;

import org.jspecify.annotations.NullMarked;
