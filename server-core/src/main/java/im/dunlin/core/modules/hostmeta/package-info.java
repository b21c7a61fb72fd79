// SPDX-License-Identifier: Apache-2.0
/** XEP-0156: Discovering Alternative XMPP Connection Methods. */
@NullMarked
package im.dunlin.core.modules.hostmeta;

import org.jspecify.annotations.NullMarked;
