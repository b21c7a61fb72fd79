// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Row;
import im.dunlin.sync.archive.ArchiveModule;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogCheck;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.synchronization.SynchronizationModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The ledger and what it stands on. */
final class CallsFixture {
    static final BareJid JULIET = BareJid.of("juliet@localhost");
    static final BareJid ROMEO = BareJid.of("romeo@localhost");
    static final String STORE = "<store xmlns='urn:xmpp:hints'/>";
    static final String NO_STORE = "<no-store xmlns='urn:xmpp:hints'/>";

    private CallsFixture() {}

    static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("archive", ArchiveModule::new);
        modules.put("synchronization", SynchronizationModule::new);
        modules.put("calls", CallsModule::new);
        return modules;
    }

    static String propose(String to, String sid) {
        return "<message type='chat' to='" + to + "'><propose xmlns='urn:xmpp:jingle-message:0' id='" + sid
                + "'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose>" + STORE + "</message>";
    }

    /** As Xabber's clients do it. */
    static String proposeUnstored(String to, String sid) {
        return propose(to, sid).replace(STORE, NO_STORE);
    }

    static String say(String word, String to, String sid) {
        return say(word, to, sid, "", STORE);
    }

    static String say(String word, String to, String sid, String content, String hint) {
        return "<message type='chat' to='" + to + "'><" + word + " xmlns='urn:xmpp:jingle-message:0' id='" + sid + "'>"
                + content + "</" + word + ">" + hint + "</message>";
    }

    static String breakTie(String word, String to, String sid) {
        return say(word, to, sid, "<reason xmlns='urn:xmpp:jingle:1'><expired/></reason><tie-break/>", STORE);
    }

    /** What the account knows of the call: its state, or why it ended; null if nothing. */
    static @Nullable String state(TestServer server, BareJid account, String sid) {
        Call call = call(server, account, sid);
        if (call == null) {
            return null;
        }
        return call.reason() == null
                ? call.state().wire()
                : Objects.requireNonNull(call.reason()).wire();
    }

    static @Nullable Call call(TestServer server, BareJid account, String sid) {
        CallLedger ledger = server.modules().provided(CallLedger.class);
        return server.turn(account, turn -> ledger.find(turn, sid));
    }

    /** What stands for calls in the account's log: last words of clients, and records of the server's own. */
    static List<String> records(TestServer server, BareJid account) {
        List<String> records = new ArrayList<>();
        for (LogEntry entry : entries(server, account)) {
            for (Name name : entry.message().payload().names()) {
                boolean last = List.of("retract", "reject", "finish").contains(name.local());
                if (name.namespace().equals(Ns.CALLS)
                        || last && name.namespace().equals(Ns.JINGLE_MESSAGE)) {
                    records.add(name.local());
                }
            }
        }
        return records;
    }

    static List<LogEntry> entries(TestServer server, BareJid account) {
        LogReader reader = server.modules().provided(ConversationLog.class).reader();
        OwnerKey owner = Objects.requireNonNull(
                server.<OwnerKey>turn(account, turn -> turn.owner().key()));
        List<LogEntry> found = new ArrayList<>();
        try (LogReader.Entries entries = reader.entries(server.store(), owner, 0, Long.MAX_VALUE, Direction.FORWARD)) {
            for (Row<Long, LogEntry> row = entries.next(); row != null; row = entries.next()) {
                found.add(row.value());
            }
        }
        return found;
    }

    /** What of the account's log does not agree. */
    static List<LogCheck.Damage> damage(TestServer server, BareJid account) {
        OwnerKey owner = Objects.requireNonNull(
                server.<OwnerKey>turn(account, turn -> turn.owner().key()));
        return server.modules().provided(ConversationLog.class).check().check(server.store(), owner, account);
    }
}
