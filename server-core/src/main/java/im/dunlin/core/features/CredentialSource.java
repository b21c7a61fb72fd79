// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import im.dunlin.core.auth.Credentials;
import im.dunlin.core.auth.SaslStep;
import im.dunlin.core.jid.BareJid;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where the credentials of accounts are read; answers on any thread. */
public interface CredentialSource {
    /** @param then given null if there is no such account */
    void read(BareJid account, Consumer<@Nullable Credentials> then);

    /** Stores better keys of the same password, if the account's are still those that were seen. */
    void upgrade(BareJid account, SaslStep.Upgrade upgrade);
}
