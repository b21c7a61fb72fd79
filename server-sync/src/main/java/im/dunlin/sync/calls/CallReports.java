// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Binding;
import im.dunlin.core.module.BoundSection;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.carbons.CarbonsView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Values;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the server tells clients of calls (docs/protocol/calls.md): all that matter, when a client asks for it or is resumed; one,
 * when it changed and the client cannot have seen the message that says so.
 */
final class CallReports {
    private static final Name CALLS = Name.of(Ns.CALLS, "calls");
    private static final Name CALL = Name.of(Ns.CALLS, "call");
    private static final Name ENABLE = Name.of(Ns.CALLS, "enable");
    private static final Element NO_STORE = Element.of(Name.of(Ns.HINTS, "no-store"));

    /** A device that was woken late learns why it need not ring any more. */
    private static final Duration JUST_ENDED = Duration.ofMinutes(10);

    private static final int MAX_JUST_ENDED = 10;

    /** The session is told. */
    private static final SessionKey<Boolean> ENABLED = new SessionKey<>("calls");

    private final CallLedger ledger;
    private final CarbonsView carbons;

    CallReports(Setup setup, CallLedger ledger) {
        this.ledger = ledger;
        this.carbons = setup.require(CarbonsView.class);
        ledger.observe(this::changed);
        setup.feature(Ns.CALLS, Addressee.OWN_ACCOUNT, Addressee.SERVER)
                .keptAttribute(ENABLED, Values.PRESENT)
                .iqSet(ENABLE, Set.of(Addressee.OWN_ACCOUNT), this::enable)
                .iqGet(CALLS, Set.of(Addressee.OWN_ACCOUNT), this::get)
                .bindInline(Ns.CALLS, Set.of(ENABLE), BoundSection.URGENT, this::bind)
                .resumptionNews(this::news);
    }

    private Iq enable(Iq iq, Turn turn) {
        turn.set(Objects.requireNonNull(turn.origin()), ENABLED, true);
        return iq.result(all(turn));
    }

    private void bind(Binding binding, Turn turn) {
        turn.set(binding.session(), ENABLED, true);
        binding.answer(all(turn));
    }

    private Iq get(Iq iq, Turn turn) {
        String sid = iq.request().attr("sid");
        if (sid == null) {
            return iq.result(all(turn));
        }
        Call call = ledger.find(turn, sid);
        if (call == null) {
            throw StanzaError.itemNotFound().toException();
        }
        return iq.result(calls(turn).child(element(call, turn)).build());
    }

    private List<Stanza> news(ClientSession session, Turn turn) {
        return turn.get(session, ENABLED) == null ? List.of() : List.of(report(session, all(turn), turn));
    }

    private void changed(@Nullable Call before, Call now, @Nullable Passage told, Turn turn) {
        // An offer that was over when it came says itself that it rings.
        boolean isOverAtOnce = before == null && now.isOver();
        Element changed = null;
        for (ClientSession session : turn.sessions()) {
            // One that waits to be resumed is told then, how things are by then.
            if (turn.get(session, ENABLED) != null
                    && session.outbound().isAttached()
                    && (told == null || isOverAtOnce || !isSeen(told, session, turn))) {
                changed =
                        changed == null ? calls(turn).child(element(now, turn)).build() : changed;
                turn.send(session, report(session, changed, turn));
            }
        }
    }

    /** Whether the session sent the message, or is given it or a copy. */
    private boolean isSeen(Passage told, ClientSession session, Turn turn) {
        return session.jid().equals(told.message().from())
                || told.deliveredTo().contains(session)
                || carbons.isEnabled(session, turn) && !told.traits().forbidsCopy();
    }

    // ---- elements
    // ----------------------------------------------------------------------------------------------------

    private static Message report(ClientSession session, Element calls, Turn turn) {
        return Message.of(
                new Header(session.jid(), turn.jid(), null, null), Message.Type.HEADLINE, Payload.of(calls, NO_STORE));
    }

    private static ElementBuilder calls(Turn turn) {
        return Element.builder(CALLS).attr("now", Delay.format(turn.now()));
    }

    /** Every call that lasts, and those that ended just now. */
    private Element all(Turn turn) {
        ElementBuilder all = calls(turn).attr("complete", "true");
        ledger.live(turn).forEach(call -> all.child(element(call, turn)));
        ledger.endedSince(turn, turn.now().minus(JUST_ENDED), MAX_JUST_ENDED)
                .forEach(call -> all.child(element(call, turn)));
        return all.build();
    }

    private static Element element(Call call, Turn turn) {
        Jid peer = call.peerDevice() != null ? call.peerDevice() : call.peer();
        ElementBuilder element = Element.builder(CALL)
                .attr("sid", call.sid())
                .attr("dir", call.isOutgoing() ? "out" : "in")
                .attr("state", call.state().wire())
                .attr("peer", peer.toString())
                .attr("start", Delay.format(Micros.toInstant(call.start())))
                .attr("rev", Long.toString(call.revision()))
                .attrIfPresent(
                        "device", call.device() == null ? null : call.device().resource())
                .attrIfPresent("stanza-id", call.archiveId())
                .attrIfPresent("continues", call.continues());
        if (call.isOver()) {
            return element.attr("reason", Objects.requireNonNull(call.reason()).wire())
                    .attr("end", Delay.format(Micros.toInstant(call.end())))
                    .attrIfPresent("migrated-to", call.migratedTo())
                    .build();
        }
        if (call.isOffer()) {
            element.attr(
                    "ttl",
                    Long.toString(Math.max(
                            0,
                            Duration.between(turn.now(), Micros.toInstant(call.until()))
                                    .toSeconds())));
            CallWord offer = call.offer() == null ? null : CallWord.of(call.offer());
            element.childIfPresent(offer == null ? null : offer.element());
        }
        return element.build();
    }
}
