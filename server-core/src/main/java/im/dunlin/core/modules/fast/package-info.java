// SPDX-License-Identifier: Apache-2.0
/** XEP-0484: tokens with which a device logs in again in one step. */
@NullMarked
package im.dunlin.core.modules.fast;

import org.jspecify.annotations.NullMarked;
