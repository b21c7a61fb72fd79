// SPDX-License-Identifier: Apache-2.0
/** XEP-0199. */
@NullMarked
package im.dunlin.core.modules.ping;

import org.jspecify.annotations.NullMarked;
