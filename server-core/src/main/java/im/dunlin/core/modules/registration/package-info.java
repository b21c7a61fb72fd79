// SPDX-License-Identifier: Apache-2.0
/** XEP-0077: accounts that clients make where the operator allows it, and what anybody may do with their own. */
@NullMarked
package im.dunlin.core.modules.registration;

import org.jspecify.annotations.NullMarked;
