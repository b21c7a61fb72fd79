// SPDX-License-Identifier: Apache-2.0

/** Whether a device is woken: the one place that decides it. */
@NullMarked
package im.dunlin.push.policy;

import org.jspecify.annotations.NullMarked;
