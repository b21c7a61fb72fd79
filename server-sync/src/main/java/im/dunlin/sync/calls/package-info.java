// SPDX-License-Identifier: Apache-2.0
/** XEP-0353: which calls ring, run and have just ended, so that a device that wakes knows at once. */
@NullMarked
package im.dunlin.sync.calls;

import org.jspecify.annotations.NullMarked;
