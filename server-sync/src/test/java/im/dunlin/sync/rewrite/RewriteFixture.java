// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.disco.DiscoModule;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Row;
import im.dunlin.sync.archive.ArchiveModule;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Archive and rewrite, and what tests ask of them. */
final class RewriteFixture {
    static final String REWRITE = "https://xabber.com/protocol/rewrite";
    static final String NOTIFY = REWRITE + "#notify";
    static final BareJid ALICE = BareJid.of("alice@localhost");
    static final BareJid CAROL = BareJid.of("carol@localhost");
    static final Name RESULT = Name.of("urn:xmpp:mam:2", "result");
    static final Name MESSAGE = Name.of("jabber:client", "message");

    private RewriteFixture() {}

    static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("archive", ArchiveModule::new);
        modules.put("rewrite", RewriteModule::new);
        modules.put("disco", DiscoModule::new);
        return modules;
    }

    /** A standard client. */
    static TestClient online(TestServer server, String fullJid) {
        TestClient client = server.connect(fullJid);
        client.sends("<presence/>");
        client.ignores();
        return client;
    }

    /** A client that has asked for versions, and so is one of Xabber's. */
    static TestClient xabber(TestServer server, String fullJid) {
        TestClient client = online(server, fullJid);
        version(client);
        return client;
    }

    /** The version that the account is at. */
    static String version(TestClient client) {
        client.ignores();
        client.sends("<iq type='get' id='v'><query xmlns='" + REWRITE + "'/></iq>");
        return client.next().firstChild().attr("version");
    }

    static void says(TestServer server, TestClient from, String to, String id, String content) {
        server.time().advance(Duration.ofSeconds(1));
        from.sends("<message type='chat' id='" + id + "' to='" + to + "'>" + content + "</message>");
    }

    static ConversationHead head(TestServer server, BareJid account, BareJid peer, ConversationType type) {
        return server.turn(
                account,
                turn -> server.modules().provided(ConversationLog.class).head(turn, new ConversationKey(peer, type)));
    }

    /** All that is there: id of the archive to id of the message and what is left of it. */
    static Map<Long, String> entries(TestServer server, BareJid account) {
        LogReader reader = server.modules().provided(ConversationLog.class).reader();
        OwnerKey owner = server.turn(account, turn -> turn.owner().key());
        Map<Long, String> all = new TreeMap<>();
        try (LogReader.Entries entries = reader.entries(server.store(), owner, 0, Long.MAX_VALUE, Direction.FORWARD)) {
            for (Row<Long, LogEntry> row = entries.next(); row != null; row = entries.next()) {
                LogEntry entry = row.value();
                String body = entry.message().payload().text(Message.BODY);
                String what = entry.isKept()
                        ? entry.rewrites() != 0 ? "change" : body
                        : entry.state().toString();
                all.put(row.key(), (entry.rewrites() != 0 ? "" : entry.stanzaId() + " ") + what);
            }
        }
        return all;
    }

    static List<String> texts(TestServer server, BareJid account) {
        return List.copyOf(entries(server, account).values());
    }

    /** The archive's id of the message with this id. */
    static String id(TestServer server, BareJid account, String stanzaId) {
        for (Map.Entry<Long, String> entry : entries(server, account).entrySet()) {
            if (entry.getValue().startsWith(stanzaId + " ")) {
                return ArchiveId.format(entry.getKey());
            }
        }
        throw new AssertionError(stanzaId + " is not in the archive of " + account);
    }

    /** Asserts that everything which is kept of an account's conversations agrees. */
    static void isSound(TestServer server, BareJid account, String where) {
        ConversationLog log = server.modules().provided(ConversationLog.class);
        OwnerKey owner = server.turn(account, turn -> turn.owner().key());
        assertThat(log.check().check(server.store(), owner, account)).as(where).isEmpty();
    }

    /** What the archive shows the client, as id and content. */
    static List<String> archive(TestClient client) {
        client.ignores();
        client.sends("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>");
        List<String> shown = new ArrayList<>();
        for (Element next = client.next(); !next.name().local().equals("iq"); next = client.next()) {
            Element message = next.first(RESULT).first(Forwarded.NAME).first(MESSAGE);
            shown.add(message.text(Message.BODY) == null ? "-" : message.text(Message.BODY));
        }
        return shown;
    }

    static String replace(String id, String body) {
        return "<iq type='set' id='r'><replace xmlns='" + REWRITE + "' id='" + id + "' type='urn:xabber:chat'>"
                + "<message xmlns='jabber:client'><body>" + body + "</body></message></replace></iq>";
    }

    static String retract(String id, boolean symmetric) {
        return "<iq type='set' id='r'><retract-message xmlns='" + REWRITE + "' id='" + id
                + "' type='urn:xabber:chat' symmetric='" + symmetric + "'/></iq>";
    }

    static String retractAll(BareJid conversation, String type) {
        return "<iq type='set' id='r'><retract-all xmlns='" + REWRITE + "' conversation='" + conversation + "' type='"
                + type + "' symmetric='false'/></iq>";
    }
}
