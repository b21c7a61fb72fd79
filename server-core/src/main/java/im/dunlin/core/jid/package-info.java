// SPDX-License-Identifier: Apache-2.0
/**
 * XMPP addresses (RFC 7622).
 *
 * <p>A {@link im.dunlin.core.jid.Jid} that exists is prepared: two addresses are the same entity
 * exactly if they are equal. Unicode data is that of our own ICU4J, never of the running JDK.
 */
@NullMarked
package im.dunlin.core.jid;

import org.jspecify.annotations.NullMarked;
