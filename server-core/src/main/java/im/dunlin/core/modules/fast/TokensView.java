// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.fast;

import im.dunlin.core.lane.Turn;

/** The tokens of an account; in its turns. */
public interface TokensView {
    /** Devices that have one. */
    int count(Turn turn);

    /** Whether this device has one that is still good. */
    boolean has(String device, Turn turn);

    /** Takes back what one device has. */
    void revoke(String device, Turn turn);

    /** Takes all of them back. */
    void revokeAll(Turn turn);
}
