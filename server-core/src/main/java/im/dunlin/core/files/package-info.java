// SPDX-License-Identifier: Apache-2.0
/** Files that users share: kept outside the store, which only knows of them. */
@NullMarked
package im.dunlin.core.files;

import org.jspecify.annotations.NullMarked;
