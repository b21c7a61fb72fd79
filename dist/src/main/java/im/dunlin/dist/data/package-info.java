// SPDX-License-Identifier: Apache-2.0

/** The data directory: who holds it, and what lies in it beside the store. */
@NullMarked
package im.dunlin.dist.data;

import org.jspecify.annotations.NullMarked;
