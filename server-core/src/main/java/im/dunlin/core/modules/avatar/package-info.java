// SPDX-License-Identifier: Apache-2.0
/** Avatars: published in nodes, read from vCards, announced in presence. */
@NullMarked
package im.dunlin.core.modules.avatar;

import org.jspecify.annotations.NullMarked;
