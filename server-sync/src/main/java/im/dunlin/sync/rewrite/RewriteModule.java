// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import static im.dunlin.core.module.Addressee.ACCOUNT;
import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;
import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.modules.carbons.CarbonsView;
import im.dunlin.core.modules.presence.PresenceView;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Name;
import im.dunlin.sync.archive.WaitingMessages;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.rewrite.RewriteRequest.Kind;
import java.util.Set;

/** Edits and retractions by request ({@link Requests}), announced as events ({@link Events}) and replayed ({@link Replay}). */
public final class RewriteModule {
    static final String REWRITE = "https://xabber.com/protocol/rewrite";
    private static final Name QUERY = Name.of(REWRITE, "query");

    public RewriteModule(Setup setup) {
        ConversationLog log = setup.require(ConversationLog.class);
        PresenceView presence = setup.require(PresenceView.class);
        Rewriter rewriter =
                new Rewriter(log, presence, setup.require(CarbonsView.class), setup.require(WaitingMessages.class));
        Asked asked = new Asked(setup, log);
        Requests requests = new Requests(setup, log, rewriter, asked);
        Replay replay = new Replay(setup, log.reader());
        log.observeRewrites(new Events(presence));
        setup.feature(REWRITE, OWN_ACCOUNT, SERVER)
                .message(Stage.ANNOTATE, (passage, turn) -> Events.withoutForged(passage))
                .message(Stage.RECORD, asked::record)
                .iqGet(QUERY, Set.of(OWN_ACCOUNT), replay::query)
                .iqSet(QUERY, Set.of(OWN_ACCOUNT), (iq, turn) -> {
                    throw StanzaError.notAllowed().toException();
                });
        for (Kind kind : Kind.values()) {
            setup.iqSet(kind.element(), Set.of(OWN_ACCOUNT), requests::own)
                    .iqSet(kind.element(), Set.of(ACCOUNT), requests::ofPeer);
        }
        setup.continuation(Requests.SYMMETRIC, requests::answered);
    }
}
