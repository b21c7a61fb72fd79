// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.csi;

import im.dunlin.core.config.Limits;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Binding;
import im.dunlin.core.module.BoundSection;
import im.dunlin.core.module.SendGate;
import im.dunlin.core.module.Setup;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.Announcement;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * XEP-0352: Client State Indication. What can wait for an inactive client is held back, only the newest of what replaces
 * itself; it goes out in its order before the first stanza that cannot wait, when the client is active or resumed, and when too
 * much of it waits.
 */
public final class ClientStateModule implements SendGate, ClientStateView {
    private static final Name CSI = Name.of(Ns.CLIENT_STATE, "csi");
    private static final Name ACTIVE = Name.of(Ns.CLIENT_STATE, "active");
    private static final Name INACTIVE = Name.of(Ns.CLIENT_STATE, "inactive");

    /** What waits for an inactive session; an active one has none. Touched by the gate only, so that it may change. */
    private static final SessionKey<HeldStanzas> HELD = new SessionKey<>("csi.held");

    private final Limits.Inactive limits;

    public ClientStateModule(Setup setup) {
        limits = setup.config().limits().inactive();
        setup.implementing(352, "1.0.0")
                .provide(ClientStateView.class, this)
                .streamFeature(Announcement.afterLogin(Element.of(CSI)))
                .nonza(INACTIVE, (nonza, session, turn) -> becomeInactive(session, turn))
                .nonza(ACTIVE, (nonza, session, turn) -> becomeActive(session, turn))
                .bindInline(Ns.CLIENT_STATE, Set.of(ACTIVE, INACTIVE), BoundSection.SESSION, ClientStateModule::begin)
                // A resumed stream begins active, whatever it was before (§5.1).
                .sessionResumed(ClientStateModule::becomeActive)
                .sendGate(this);
    }

    /** XEP-0386 §4.2: a session may begin inactive. */
    private static void begin(Binding binding, Turn turn) {
        Element state = binding.request();
        if (state != null && state.is(INACTIVE)) {
            becomeInactive(binding.session(), turn);
        }
    }

    private static void becomeInactive(ClientSession session, Turn turn) {
        if (turn.get(session, HELD) == null) {
            turn.set(session, HELD, new HeldStanzas());
        }
    }

    private static void becomeActive(ClientSession session, Turn turn) {
        HeldStanzas held = turn.get(session, HELD);
        if (held != null) {
            turn.set(session, HELD, null);
            // They leave with the buffer, so that a turn that fails loses none.
            held.stanzas().forEach(stanza -> turn.send(session, stanza));
        }
    }

    @Override
    public boolean isInactive(ClientSession session, Turn turn) {
        return turn.get(session, HELD) != null;
    }

    @Override
    public List<Stanza> pass(ClientSession session, Stanza stanza) {
        HeldStanzas held = session.attribute(HELD);
        if (held == null) {
            return List.of(stanza);
        }
        Object slot = Urgency.slot(stanza, session.jid().bare());
        if (slot == null) {
            List<Stanza> out = new ArrayList<>(held.release());
            out.add(stanza);
            return out;
        }
        held.hold(slot, stanza);
        return held.count() > limits.stanzas() || held.bytes() > limits.bytes() ? held.release() : List.of();
    }

    @Override
    public List<Stanza> release(ClientSession session) {
        HeldStanzas held = session.attribute(HELD);
        return held == null ? List.of() : held.release();
    }
}
