// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.legacysession;

import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;
import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.module.Setup;
import im.dunlin.core.stream.Announcement;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.Set;

/** The session request of RFC 3921 §3, which means nothing any more, for clients that still send it. */
public final class LegacySessionModule {
    private static final Name SESSION = Name.of(Ns.SESSION, "session");

    public LegacySessionModule(Setup setup) {
        setup.streamFeature(
                        Announcement.afterLogin(Element.of(SESSION).child(Element.of(Name.of(Ns.SESSION, "optional")))))
                .iqSet(SESSION, Set.of(OWN_ACCOUNT, SERVER), (iq, turn) -> iq.result());
    }
}
