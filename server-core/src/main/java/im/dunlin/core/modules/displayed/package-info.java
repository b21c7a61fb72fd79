// SPDX-License-Identifier: Apache-2.0
/** XEP-0490: what was displayed on one device is displayed on all. */
@NullMarked
package im.dunlin.core.modules.displayed;

import org.jspecify.annotations.NullMarked;
