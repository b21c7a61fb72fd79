// SPDX-License-Identifier: Apache-2.0
/** How a device that slept learns what it missed. */
@NullMarked
package im.dunlin.benchmarks.load.catchup;

import org.jspecify.annotations.NullMarked;
