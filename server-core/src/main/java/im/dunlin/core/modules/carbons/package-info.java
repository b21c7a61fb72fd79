// SPDX-License-Identifier: Apache-2.0
/** XEP-0280: every device sees both sides of a conversation, and nobody can pretend to be another device. */
@NullMarked
package im.dunlin.core.modules.carbons;

import org.jspecify.annotations.NullMarked;
