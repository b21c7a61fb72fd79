// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import im.dunlin.core.jid.BareJid;
import im.dunlin.storage.OwnerKey;

/**
 * Who owns state: an account, a room, a service.
 *
 * <p>The key's number is given at creation and never reused, so an owner that is removed and made again under the same
 * name never meets the old one's rows.
 */
public record Owner(BareJid jid, OwnerKind kind, OwnerKey key) {}
