// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.registration;

import im.dunlin.core.auth.Accounts.Outcome;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.jid.BareJid;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Lets a module say who may make an account where not everybody may. */
public interface Registrations {
    /** While the server is built; at most once. */
    void invitedBy(Invitations invitations);

    /** Who was invited. Any thread; what is told is told on any thread, and must not be held up. */
    interface Invitations {
        /** Whether this host takes tokens. */
        boolean areOn(String host);

        /** Looks for what a token is good for. @param then gets null if it is good for no registration */
        void find(String host, String token, Consumer<@Nullable Invitation> then);

        /** Whether this name is kept for somebody who was invited. */
        void isKept(BareJid name, Consumer<Boolean> then);
    }

    /** One that was good when it was looked for. */
    interface Invitation {
        /** The only name that it is for; null for any. */
        @Nullable
        String username();

        /** Makes the account, if nobody was faster. @param then gets what came of it; null if the invitation is used up */
        void register(BareJid account, Credentials keys, Consumer<@Nullable Outcome> then);
    }
}
