// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.sync.synchronization.SynchronizationView;

/**
 * XEP-0353: Jingle Message Initiation. The server carries these messages like any others; here it also listens, so that a device
 * that wakes learns at once who calls, and none rings for a call that is over.
 */
public final class CallsModule {
    private final CallLedger ledger;

    public CallsModule(Setup setup) {
        ledger = new CallLedger(setup);
        new CallReports(setup, ledger);
        setup.require(SynchronizationView.class).show(ledger);
        setup.implementing(353, "0.8.0")
                .provide(CallLedger.class, ledger)
                .message(Stage.ANNOTATE, this::screen)
                .message(Stage.RECORD, this::note)
                .message(Stage.COPY, this::hear)
                // Iqs between clients have no stages, and each passes the screens.
                .screen(this::hear);
    }

    /** What the server says of calls nobody else says, and an id is of one call, once. */
    private Verdict screen(Passage passage, Turn turn) {
        if (!passage.traits().isCall()) {
            return Verdict.PASS;
        }
        Message message = passage.message();
        Payload genuine = message.payload().without(name -> name.namespace().equals(Ns.CALLS));
        if (genuine.isEmpty()) {
            return Verdict.drop("nothing was left of it");
        }
        passage.replace(message.withPayload(genuine));
        CallWord word = CallWord.of(passage.message());
        return word != null && ledger.mustNotRing(word, passage, turn)
                ? Verdict.drop("the call with this id is over, or somebody else's")
                : Verdict.PASS;
    }

    private Verdict note(Passage passage, Turn turn) {
        CallWord word = CallWord.of(passage.message());
        if (word != null && ledger.follows(word, passage, turn)) {
            passage.noted();
        }
        return Verdict.PASS;
    }

    private Verdict hear(Passage passage, Turn turn) {
        CallWord word = CallWord.of(passage.message());
        if (word != null) {
            ledger.hear(word, passage, turn);
        }
        return Verdict.PASS;
    }

    private Verdict hear(Stanza stanza, Way way, Turn turn) {
        CallWord word = stanza instanceof Iq iq ? CallWord.terminating(iq) : null;
        if (word != null) {
            ledger.hear(word, way, way == Way.OUTBOUND ? stanza.to() : stanza.from(), turn);
        }
        return Verdict.PASS;
    }
}
