// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.carbons;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.BoundSection;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.MessageTraits;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Values;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0280: Message Carbons.
 *
 * <p>A copy is only ever sent by this server to a session of the account, from the account's bare JID. Whatever looks like one
 * in a message that anybody sends is taken off, outbound and inbound, since many a client has believed it (threat S02).
 */
public final class CarbonsModule implements CarbonsView {
    private static final Name ENABLE = Name.of(Ns.CARBONS, "enable");
    private static final Name DISABLE = Name.of(Ns.CARBONS, "disable");
    private static final Name SENT = Name.of(Ns.CARBONS, "sent");
    private static final Name RECEIVED = Name.of(Ns.CARBONS, "received");
    private static final Name PRIVATE = Name.of(Ns.CARBONS, "private");

    private static final SessionKey<Boolean> ENABLED = new SessionKey<>("carbons");

    public CarbonsModule(Setup setup) {
        setup.implementing(280, "1.0.1")
                .feature(Ns.CARBONS, Addressee.SERVER)
                .provide(CarbonsView.class, this)
                .keptAttribute(ENABLED, Values.PRESENT)
                .iqSet(ENABLE, Set.of(Addressee.OWN_ACCOUNT), (iq, turn) -> set(iq, true, turn))
                .iqSet(DISABLE, Set.of(Addressee.OWN_ACCOUNT), (iq, turn) -> set(iq, null, turn))
                .bindInline(
                        Ns.CARBONS,
                        Set.of(ENABLE),
                        BoundSection.SESSION,
                        (binding, turn) -> enable(binding.session(), turn))
                .message(Stage.ANNOTATE, this::strip)
                .message(Stage.COPY, this::copy);
    }

    @Override
    public boolean isEnabled(ClientSession session, Turn turn) {
        return turn.get(session, ENABLED) != null;
    }

    @Override
    public void enable(ClientSession session, Turn turn) {
        turn.set(session, ENABLED, true);
    }

    private static Iq set(Iq iq, @Nullable Boolean enabled, Turn turn) {
        turn.set(Objects.requireNonNull(turn.origin()), ENABLED, enabled);
        return iq.result();
    }

    private Verdict strip(Passage passage, Turn turn) {
        Message message = passage.message();
        passage.replace(message.withPayload(
                message.payload().without(name -> name.namespace().equals(Ns.CARBONS) && !name.equals(PRIVATE))));
        return Verdict.PASS;
    }

    private Verdict copy(Passage passage, Turn turn) {
        Message message = passage.message();
        if (isEligible(message, passage.traits(), passage.way())) {
            Jid sender = message.from();
            // What the account sends to itself comes in again, and is delivered or copied there.
            boolean comesBack = passage.way() == Way.OUTBOUND && passage.peer().equals(turn.jid());
            Payload copy = null;
            for (ClientSession session : turn.sessions()) {
                if (!comesBack
                        && isEnabled(session, turn)
                        && !session.jid().equals(sender)
                        && !passage.deliveredTo().contains(session)
                        && !passage.isInformed(session)) {
                    if (copy == null) {
                        Name side = passage.way() == Way.OUTBOUND ? SENT : RECEIVED;
                        copy = Payload.of(Element.of(side).child(Forwarded.of(message, null)));
                    }
                    turn.send(
                            session,
                            Message.of(new Header(session.jid(), turn.jid(), null, null), message.type(), copy));
                }
            }
        }
        return Verdict.PASS;
    }

    /** Section 6.1. An error is judged by what it repeats of the message that it answers. */
    private static boolean isEligible(Message message, MessageTraits traits, Way way) {
        if (traits.forbidsCopy()) {
            return false;
        }
        boolean privateInRoom = traits.isMucUser() && !traits.isMediatedInvite();
        if (privateInRoom && way == Way.INBOUND) {
            // The room gives it to every session that is in it.
            return false;
        }
        return switch (message.type()) {
            case CHAT -> true;
            case NORMAL, ERROR -> isInstantMessaging(traits);
            case GROUPCHAT, HEADLINE -> false;
        };
    }

    private static boolean isInstantMessaging(MessageTraits traits) {
        return traits.hasContent()
                || traits.isInvite()
                || traits.isReceipt()
                || traits.requestsReceipt()
                || traits.hasChatState()
                || traits.isMarker()
                || traits.isMarkable()
                || traits.isCall()
                || traits.isCorrection()
                || traits.isRetraction()
                || traits.isReaction();
    }
}
