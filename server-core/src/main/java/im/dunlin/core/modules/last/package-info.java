// SPDX-License-Identifier: Apache-2.0
/** XEP-0012. */
@NullMarked
package im.dunlin.core.modules.last;

import org.jspecify.annotations.NullMarked;
