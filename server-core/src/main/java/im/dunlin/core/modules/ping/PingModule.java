// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.ping;

import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;
import static im.dunlin.core.module.Addressee.SERVER;
import static im.dunlin.core.module.Addressee.SERVICE;

import im.dunlin.core.module.Setup;
import im.dunlin.core.xml.Name;
import java.util.Set;

/** XEP-0199: XMPP Ping. */
public final class PingModule {
    private static final String NS = "urn:xmpp:ping";

    public PingModule(Setup setup) {
        setup.implementing(199, "2.0.1")
                .feature(NS, SERVER, OWN_ACCOUNT, SERVICE)
                .iqGet(Name.of(NS, "ping"), Set.of(SERVER, OWN_ACCOUNT, SERVICE), (iq, turn) -> iq.result());
    }
}
