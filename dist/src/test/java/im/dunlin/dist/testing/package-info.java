// SPDX-License-Identifier: Apache-2.0
/** A client made of bytes and real sockets, and what it handles that no log may ever show. */
@NullMarked
package im.dunlin.dist.testing;

import org.jspecify.annotations.NullMarked;
