// SPDX-License-Identifier: Apache-2.0
/** XEP-0133: what the administrators of a host do by commands. */
@NullMarked
package im.dunlin.core.modules.admin;

import org.jspecify.annotations.NullMarked;
