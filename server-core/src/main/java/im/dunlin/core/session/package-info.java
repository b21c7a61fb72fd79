// SPDX-License-Identifier: Apache-2.0
/** Client sessions as the rest of the server sees them: no sockets, only an address, attributes and a way out. */
@NullMarked
package im.dunlin.core.session;

import org.jspecify.annotations.NullMarked;
