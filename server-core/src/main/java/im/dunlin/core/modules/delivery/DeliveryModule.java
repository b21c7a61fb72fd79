// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.delivery;

import im.dunlin.core.jid.FullJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.modules.presence.PresenceView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** RFC 6121 §8.5, for messages: gives each to the sessions that {@link DeliveryRules} name. */
public final class DeliveryModule {
    private final PresenceView presence;

    public DeliveryModule(Setup setup) {
        presence = setup.require(PresenceView.class);
        setup.message(Stage.DELIVER, this::deliver);
    }

    private Verdict deliver(Passage passage, Turn turn) {
        Message message = passage.message();
        if (passage.addressees() != null) {
            for (ClientSession session : passage.addressees()) {
                passage.delivered(session);
                turn.send(session, message.withTo(session.jid()));
            }
            return Verdict.PASS;
        }
        ClientSession addressed = message.to() instanceof FullJid full ? turn.session(full.resource()) : null;
        List<DeliveryRules.Resource<ClientSession>> resources = turn.sessions().stream()
                .map(session -> new DeliveryRules.Resource<>(session, priority(session, turn)))
                .toList();
        DeliveryRules.Decision<ClientSession> decision = DeliveryRules.decide(message.type(), addressed, resources);
        return switch (decision.fate()) {
            case DELIVER -> {
                for (ClientSession session : decision.recipients()) {
                    passage.delivered(session);
                    if (!passage.isInformed(session)) {
                        turn.send(session, message);
                    }
                }
                yield Verdict.PASS;
            }
            case KEEP -> keep(passage);
            case REFUSE -> Verdict.bounce(StanzaError.serviceUnavailable());
            case IGNORE -> Verdict.drop("nobody takes a " + message.type().wire());
        };
    }

    /** Nobody is there. What nobody keeps is refused, but for the news that somebody typed: it would be no news later. */
    private static Verdict keep(Passage passage) {
        if (passage.isStored() || passage.isNoted()) {
            return Verdict.PASS;
        }
        return passage.traits().isChatStateOnly()
                ? Verdict.drop("a chat state for nobody")
                : Verdict.bounce(StanzaError.serviceUnavailable());
    }

    private @Nullable Integer priority(ClientSession session, Turn turn) {
        Presence last = presence.last(session, turn);
        return last == null ? null : (Integer) last.priority();
    }
}
