// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Store;
import im.dunlin.storage.memory.MemoryStore;
import im.dunlin.sync.archive.ArchiveModule;
import im.dunlin.sync.groups.GroupsModule;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.rewrite.RewriteModule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Alice and those who write to her, as the test vectors have them: {@code T+n} is so many seconds after the server began, and the
 * stamp of what happens then.
 */
final class SyncFixture implements AutoCloseable {
    static final String SYNC = "https://xabber.com/protocol/synchronization";
    static final BareJid ALICE = BareJid.of("alice@localhost");

    final TestServer server;
    private final Instant began;

    SyncFixture() {
        this(new MemoryStore());
    }

    SyncFixture(Store store) {
        this(store, modules());
    }

    SyncFixture(Store store, Map<String, Consumer<Setup>> modules) {
        server = TestServer.with(store, new TestServer.TestTime(), modules);
        began = server.time().instant();
        server.account(ALICE.toString());
    }

    static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("archive", ArchiveModule::new);
        modules.put("rewrite", RewriteModule::new);
        modules.put("synchronization", SynchronizationModule::new);
        modules.put("groups", GroupsModule::new);
        return modules;
    }

    @Override
    public void close() {
        server.close();
    }

    ConversationLog log() {
        return server.modules().provided(ConversationLog.class);
    }

    <T> @Nullable T turn(Function<Turn, @Nullable T> body) {
        return server.turn(ALICE, body);
    }

    // ---- time
    // --------------------------------------------------------------------------------------------------------

    /** It becomes T+n. */
    void at(long seconds) {
        server.after(Duration.between(server.time().instant(), began.plusSeconds(seconds)));
    }

    /** The stamp T+n as it is on the wire. */
    String stamp(long seconds) {
        return Long.toString(Micros.of(began.plusSeconds(seconds)));
    }

    // ---- people
    // ------------------------------------------------------------------------------------------------------

    /** A client that has not said that it is there. */
    TestClient connect(String name) {
        return server.connect(name.contains("/") ? name : name + "@localhost/x");
    }

    /** A device of Alice that takes pushes. */
    TestClient device(String resource) {
        TestClient device = connect("alice@localhost/" + resource);
        device.sends("<presence/>");
        device.sends("<iq type='get' id='first'><query xmlns='" + SYNC + "'/></iq>");
        device.ignores();
        return device;
    }

    /** Somebody writes to Alice at T+n. */
    void writes(String name, long seconds) {
        writes(name, seconds, "");
    }

    void writes(String name, long seconds, String more) {
        at(seconds);
        TestClient client = connect(name);
        client.sends("<message type='chat' id='m-" + seconds + "' to='alice@localhost'><body>at " + seconds + "</body>"
                + more + "</message>");
        client.leaves();
    }

    // ---- questions
    // ---------------------------------------------------------------------------------------------------

    /** The query that answers this one. */
    Element ask(TestClient client, String attributes, String content) {
        client.ignores();
        client.sends(
                "<iq type='get' id='q'><query xmlns='" + SYNC + "' " + attributes + ">" + content + "</query></iq>");
        Element iq = client.next();
        client.receivesNothing();
        assertThat(iq.attr("type")).as(iq.toString()).isEqualTo("result");
        assertThat(iq.attr("id")).isEqualTo("q");
        return iq.children().get(0);
    }

    static String page(int max, String more) {
        return "<set xmlns='http://jabber.org/protocol/rsm'><max>" + max + "</max>" + more + "</set>";
    }

    Element delta(TestClient client, String stamp) {
        return ask(client, "stamp='" + stamp + "'", page(60, ""));
    }

    /** Changes a conversation; the answer is a result. */
    void sets(TestClient client, String conversation) {
        client.ignores();
        client.sends(change(conversation));
        Element answer = client.next();
        assertThat(answer.attr("type")).as(answer.toString()).isEqualTo("result");
    }

    static String change(String conversation) {
        return "<iq type='set' id='s'><query xmlns='" + SYNC + "'>" + conversation + "</query></iq>";
    }

    static String conversation(String name, String change) {
        return "<conversation jid='" + name + "@localhost' type='urn:xabber:chat' " + change + "/>";
    }

    // ---- answers
    // -----------------------------------------------------------------------------------------------------

    static List<Element> conversations(Element query) {
        return query.children(Name.of(SYNC, "conversation"));
    }

    static List<String> names(Element query) {
        return conversations(query).stream()
                .map(conversation -> conversation.requireAttr("jid").replace("@localhost", ""))
                .toList();
    }

    static Element conversation(Element query, int index) {
        return conversations(query).get(index);
    }

    static @Nullable String count(Element query) {
        return set(query).text(PageRequest.COUNT);
    }

    static Element set(Element query) {
        return query.requireChild(PageRequest.SET);
    }

    static @Nullable String first(Element query) {
        return set(query).text(PageRequest.FIRST);
    }

    static @Nullable String last(Element query) {
        return set(query).text(PageRequest.LAST);
    }

    static @Nullable String index(Element query) {
        Element first = set(query).first(PageRequest.FIRST);
        return first == null ? null : first.attr("index");
    }

    /** A child of the metadata of synchronization itself. */
    static @Nullable Element state(Element conversation, String name) {
        return metadata(conversation, SYNC).first(Name.of(SYNC, name));
    }

    static Element metadata(Element conversation, String node) {
        return conversation.children(Name.of(SYNC, "metadata")).stream()
                .filter(metadata -> node.equals(metadata.attr("node")))
                .findFirst()
                .orElseThrow(() -> new AssertionError(node + " in " + conversation));
    }
}
