// SPDX-License-Identifier: Apache-2.0

/** XEP-0478. */
@NullMarked
package im.dunlin.core.modules.streamlimits;

import org.jspecify.annotations.NullMarked;
