// SPDX-License-Identifier: Apache-2.0

/** The operator's own apps. */
@NullMarked
package im.dunlin.push.app;

import org.jspecify.annotations.NullMarked;
