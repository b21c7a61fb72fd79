// SPDX-License-Identifier: Apache-2.0
/** XEP-0191: whoever is blocked is not heard, and does not learn that it is. */
@NullMarked
package im.dunlin.core.modules.blocking;

import org.jspecify.annotations.NullMarked;
