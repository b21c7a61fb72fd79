// SPDX-License-Identifier: Apache-2.0

/** Programs of their own that serve a domain each and are connected to this server (docs/adr/0016). */
@NullMarked
package im.dunlin.core.component;

import org.jspecify.annotations.NullMarked;
