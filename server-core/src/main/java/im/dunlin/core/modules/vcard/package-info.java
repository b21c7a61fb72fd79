// SPDX-License-Identifier: Apache-2.0
/** XEP-0054. */
@NullMarked
package im.dunlin.core.modules.vcard;

import org.jspecify.annotations.NullMarked;
