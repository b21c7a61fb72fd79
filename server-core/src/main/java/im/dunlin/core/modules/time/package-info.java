// SPDX-License-Identifier: Apache-2.0
/** XEP-0202. */
@NullMarked
package im.dunlin.core.modules.time;

import org.jspecify.annotations.NullMarked;
