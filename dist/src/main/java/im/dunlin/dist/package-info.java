// SPDX-License-Identifier: Apache-2.0

/**
 * The program: the object graph of the server, its data directory, and how it starts and stops. The one place where
 * everything is put together.
 */
@NullMarked
package im.dunlin.dist;

import org.jspecify.annotations.NullMarked;
