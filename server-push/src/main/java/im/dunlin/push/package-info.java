// SPDX-License-Identifier: Apache-2.0

/** Which event wakes which device, and how. */
@NullMarked
package im.dunlin.push;

import org.jspecify.annotations.NullMarked;
