// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.access;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells modules whose access was taken back, so that what they keep for that client goes too. */
public interface RevokedClients {
    /** To be declared while the server is built. */
    void follow(Listener listener);

    /** In a turn of the account. */
    @FunctionalInterface
    interface Listener {
        /**
         * @param device the client's id (XEP-0388 §2.2); null if it has none
         * @param sessions that it has, and that are about to end
         */
        void revoked(@Nullable String device, List<ClientSession> sessions, Turn turn);
    }
}
