// SPDX-License-Identifier: Apache-2.0
/** XEP-0494: which clients have access to an account. */
@NullMarked
package im.dunlin.core.modules.access;

import org.jspecify.annotations.NullMarked;
