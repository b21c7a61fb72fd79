// SPDX-License-Identifier: Apache-2.0
/** Rooms that an account has bookmarked, for clients of three generations. */
@NullMarked
package im.dunlin.core.modules.bookmarks;

import org.jspecify.annotations.NullMarked;
