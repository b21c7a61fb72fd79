// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import im.dunlin.core.jid.BareJid;
import org.jspecify.annotations.Nullable;

/**
 * Who a stream has proven to be.
 *
 * @param generation of the password when it was proven; when another one is set, the proof is worth nothing ({@link
 *     Accounts#isCurrent})
 * @param device the id of the client's installation (XEP-0388 §2.2), which only this account gives a meaning; null if it did not
 *     say
 */
public record Authenticated(
        BareJid account, long generation, @Nullable String device) {}
