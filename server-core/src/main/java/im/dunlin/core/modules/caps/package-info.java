// SPDX-License-Identifier: Apache-2.0
/** What clients say they can (XEP-0115, XEP-0390), learned once for each hash and believed only when it fits. */
@NullMarked
package im.dunlin.core.modules.caps;

import org.jspecify.annotations.NullMarked;
