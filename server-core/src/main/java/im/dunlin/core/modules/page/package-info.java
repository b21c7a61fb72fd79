// SPDX-License-Identifier: Apache-2.0
/** What a host shows to people with a browser. */
@NullMarked
package im.dunlin.core.modules.page;

import org.jspecify.annotations.NullMarked;
