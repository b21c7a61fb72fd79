// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.rocks.RocksSettings;
import im.dunlin.storage.rocks.RocksStore;
import im.dunlin.sync.archive.ArchiveModule;
import im.dunlin.sync.calls.CallsModule;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.reconnect.ReconnectModule;
import im.dunlin.sync.synchronization.SynchronizationModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The conversation log of an account with 200 conversations, on a real store and a real lane, without sockets. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls open() before anything else
public class ConversationBenchmark {
    /** Messages of one turn, so that neither the hand-over to the lane nor the disk is what is measured. */
    static final int BATCH = 100;

    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final int CONVERSATIONS = 200;
    private static final int CHANGED = 5;

    /** Times 200 makes 2,000, 10,000, 100,000 and 1,000,000 messages: what is asked for costs the same in each. */
    @Param({"10", "50", "500", "5000"})
    int perConversation = 10;

    private Path directory;
    private TestServer server;
    private ConversationLog log;
    private TestClient juliet;
    private String before = "";
    private long next;

    @org.openjdk.jmh.annotations.Setup
    public void open() throws IOException {
        directory = Files.createTempDirectory("conversations");
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("archive", ArchiveModule::new);
        modules.put("synchronization", SynchronizationModule::new);
        modules.put("calls", CallsModule::new);
        modules.put("reconnect", ReconnectModule::new);
        server = TestServer.with(
                RocksStore.open(directory.resolve("store"), RocksSettings.DEFAULT), new TestServer.TestTime(), modules);
        log = server.modules().provided(ConversationLog.class);
        juliet = server.connect("juliet@localhost/balcony");
        for (int i = 0; i < perConversation; i++) {
            server.turn(JULIET, turn -> {
                for (int peer = 0; peer < CONVERSATIONS; peer++) {
                    append(turn, peer);
                }
                return null;
            });
        }
        before = Objects.requireNonNull(server.turn(JULIET, turn -> Long.toString(append(turn, CONVERSATIONS - 1))));
        server.turn(JULIET, turn -> {
            for (int peer = 0; peer < CHANGED; peer++) {
                append(turn, peer);
            }
            return null;
        });
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        server.close();
        server.store().close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** One message more, with all its rows; a hundred in a turn. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void append() {
        server.turn(JULIET, turn -> {
            for (int i = 0; i < BATCH; i++) {
                append(turn, 100);
            }
            return null;
        });
    }

    /** The newest 50 messages, from the query to the last stanza of the answer. */
    @Benchmark
    public int archivePage() {
        return answers(
                "<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'>"
                        + "<max>50</max><before/></set></query></iq>");
    }

    /** Which of 200 conversations have changed; five have. */
    @Benchmark
    public int delta() {
        return answers("<iq type='get' id='q'><query xmlns='https://xabber.com/protocol/synchronization' stamp='"
                + before + "'/></iq>");
    }

    /** The same by docs/protocol/reconnect.xml, with the messages. */
    @Benchmark
    public int reconnect() {
        return answers("<iq type='get' id='q'><reconnect xmlns='https://dunlin.im/protocol/reconnect/1' stamp='"
                + before + "' conversations='250' bytes='65536' each='100'/></iq>");
    }

    private int answers(String query) {
        juliet.ignores();
        juliet.sends(query);
        return juliet.waiting();
    }

    private long append(Turn turn, int peer) {
        next++;
        Message message = Message.of(
                        Message.Type.CHAT,
                        JULIET,
                        Element.of(Message.BODY, "Neither, fair saint, if either thee dislike, as messages are."))
                .withFrom(Jid.of("peer" + peer + "@localhost/orchard"))
                .withId("message-" + next);
        return log.append(turn, Way.INBOUND, message, message.traits());
    }
}
