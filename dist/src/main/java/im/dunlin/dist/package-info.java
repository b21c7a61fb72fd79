// SPDX-License-Identifier: Apache-2.0

/** The command line and the object graph: the one place where everything is put together. */
@NullMarked
package im.dunlin.dist;

import org.jspecify.annotations.NullMarked;
