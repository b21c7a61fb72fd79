// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;
import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.module.Setup;
import im.dunlin.core.xml.Ns;
import im.dunlin.sync.log.ConversationLog;

/**
 * The archive of each account: XEP-0313 Message Archive Management over the conversation log, and what belongs to it.
 *
 * <p>Provides {@link ConversationLog}. An account's archive is for the account alone: there is no handler for the addresses
 * of others, so that their questions are refused before anything is read.
 */
public final class ArchiveModule {
    public ArchiveModule(Setup setup) {
        ConversationLog log = new ConversationLog(setup);
        setup.provide(ConversationLog.class, log);
        Preferences preferences = new Preferences(setup);
        setup.provide(ArchivePolicy.class, preferences);
        OfflineMessages offline = new OfflineMessages(setup, log);
        setup.provide(ArchiveReaders.class, offline).provide(WaitingMessages.class, offline);
        Retention retention = new Retention(setup, log);
        Recorder recorder = new Recorder(log, preferences);
        Queries queries = new Queries(setup, log, offline);
        setup.implementing(313, "1.1.3")
                .implementing(59, "1.0")
                .implementing(359, "0.7.0")
                .implementing(441, "0.2.0")
                .implementing(334, "1.0.0")
                .implementing(308, "1.2.1")
                .implementing(424, "0.4.2")
                .feature(Ns.MAM, OWN_ACCOUNT, SERVER)
                .feature(Ns.MAM + "#extended", OWN_ACCOUNT, SERVER)
                .feature(Ns.MAM + "#groupchat-field", OWN_ACCOUNT, SERVER)
                .feature("https://xabber.com/protocol/archive", OWN_ACCOUNT, SERVER)
                .feature(Ns.STANZA_ID, OWN_ACCOUNT, SERVER)
                .feature(Ns.HINTS, OWN_ACCOUNT, SERVER)
                .feature(Ns.RETRACTION, OWN_ACCOUNT, SERVER)
                .feature(Ns.RETRACTION + "#tombstone", OWN_ACCOUNT, SERVER);
        recorder.declare(setup);
        queries.declare(setup);
        preferences.declare(setup);
        offline.declare();
        retention.declare();
        // In this order: what is kept, what there is, what of it waits, and how it stands.
        setup.accountPart(preferences)
                .accountPart(new ArchivePart(log))
                .accountPart(new OfflinePart(offline, log, preferences))
                .accountPart(new ConversationsPart(log));
    }
}
