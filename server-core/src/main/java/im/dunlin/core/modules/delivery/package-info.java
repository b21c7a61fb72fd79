// SPDX-License-Identifier: Apache-2.0
/** Which sessions get a message (RFC 6121 §8.5). */
@NullMarked
package im.dunlin.core.modules.delivery;

import org.jspecify.annotations.NullMarked;
