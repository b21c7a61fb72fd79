// SPDX-License-Identifier: Apache-2.0
/** What people say of themselves in nodes that need nothing of the server. */
@NullMarked
package im.dunlin.core.modules.profile;

import org.jspecify.annotations.NullMarked;
