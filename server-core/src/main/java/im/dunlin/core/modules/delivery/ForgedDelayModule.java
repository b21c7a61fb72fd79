// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.delivery;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.PresenceStage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0203: Delayed Delivery. Which stanzas waited here is for this server to say: what others claim in its name, or in that
 * of the account, is taken off (threat S21). What other entities say of themselves stays.
 */
public final class ForgedDelayModule {
    private final Setup setup;

    public ForgedDelayModule(Setup setup) {
        this.setup = setup;
        setup.implementing(203, "2.0")
                .feature(Ns.DELAY, Addressee.SERVER)
                .message(Stage.ANNOTATE, this::annotate)
                .presence(PresenceStage.ANNOTATE, this::annotate);
    }

    private Verdict annotate(Passage passage, Turn turn) {
        Payload genuine = genuine(passage.message().payload(), passage.message().from(), passage.way(), turn);
        passage.replace(passage.message().withPayload(genuine));
        return Verdict.PASS;
    }

    private Presence annotate(Presence presence, Way way, Turn turn) {
        return presence.withPayload(genuine(presence.payload(), presence.from(), way, turn));
    }

    private Payload genuine(Payload payload, @Nullable Jid sender, Way way, Turn turn) {
        if (!payload.has(Delay.NAME)) {
            return payload;
        }
        return payload.without(Delay.NAME, delay -> isForged(delay, sender, way, turn));
    }

    private boolean isForged(Element element, @Nullable Jid sender, Way way, Turn turn) {
        Delay delay = Delay.parse(element);
        if (delay == null || delay.from() == null) {
            return false;
        }
        String domain = delay.from().domain();
        if (way == Way.OUTBOUND) {
            // No client speaks for a host, an account or a room here.
            return setup.config().hosts().containsKey(domain)
                    || setup.declared().service(domain) != null;
        }
        return domain.equals(turn.jid().domain())
                && (sender == null || !sender.domain().equals(domain));
    }
}
