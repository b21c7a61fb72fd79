// SPDX-License-Identifier: Apache-2.0
/** What an entity is and can (XEP-0030, XEP-0115 of the server, forms of XEP-0128). */
@NullMarked
package im.dunlin.core.modules.disco;

import org.jspecify.annotations.NullMarked;
