// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.time;

import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.Set;

/** XEP-0202: Entity Time, of the server. Its place in the world is nobody's business: it answers in UTC. */
public final class TimeModule {
    private static final String NS = "urn:xmpp:time";
    private static final Name TIME = Name.of(NS, "time");

    public TimeModule(Setup setup) {
        setup.implementing(202, "2.0").feature(NS, SERVER).iqGet(TIME, Set.of(SERVER), TimeModule::answer);
    }

    private static Iq answer(Iq iq, Turn turn) {
        return iq.result(Element.of(TIME)
                .child(Name.of(NS, "tzo"), "+00:00")
                .child(Name.of(NS, "utc"), Delay.format(turn.now())));
    }
}
