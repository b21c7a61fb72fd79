// SPDX-License-Identifier: Apache-2.0

/** XEP-0114, what users see of it. */
@NullMarked
package im.dunlin.core.modules.component;

import org.jspecify.annotations.NullMarked;
