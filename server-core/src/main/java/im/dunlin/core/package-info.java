// SPDX-License-Identifier: Apache-2.0

/** The XMPP server proper. Its packages:
 * sockets and bytes in {@code net}, protocol extensions in {@code modules}; neither sees the other. */
@NullMarked
package im.dunlin.core;

import org.jspecify.annotations.NullMarked;
