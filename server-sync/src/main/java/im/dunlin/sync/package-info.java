// SPDX-License-Identifier: Apache-2.0

/** The conversation log and its views. One writer records; archive, deltas and calls read. */
@NullMarked
package im.dunlin.sync;

import org.jspecify.annotations.NullMarked;
