// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.Wire;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A message by the rules of RFC 6121 §8.5 to an account with three resources, two of which have the highest priority: from the
 * router through both accounts' lanes to two queues, with nothing archived and no sockets.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls open() before anything else
public class DeliveryBenchmark {
    /** Messages that are waited for together, so that waiting is not what is measured. */
    static final int BATCH = 100;

    private static final FullJid ROMEO = FullJid.of("romeo@localhost/orchard");
    private static final BareJid JULIET = BareJid.of("juliet@localhost");

    private final Nowhere wire = new Nowhere();
    private final Message message = Message.chat(
                    JULIET, "Neither, fair saint, if either thee dislike, as messages are.")
            .withFrom(ROMEO)
            .withId("b6c2a1de-9f01");
    private TestServer server;
    private ClientSession romeo;

    @Setup
    public void open() {
        server = TestServer.with(ImModules.all());
        romeo = bind(ROMEO, wire);
        available("balcony", 5);
        available("chamber", 5);
        available("orchard", 1);
    }

    private void available(String resource, int priority) {
        Nowhere own = new Nowhere();
        ClientSession session = bind(FullJid.of(JULIET + "/" + resource), own);
        Presence presence =
                Presence.available(session.jid(), null).adding(Element.of(Presence.PRIORITY, String.valueOf(priority)));
        server.router().fromClient(session, own, presence, 0);
        server.settle();
    }

    private ClientSession bind(FullJid jid, Wire to) {
        BareJid account = server.account(jid.bare().toString());
        AtomicReference<@Nullable ClientSession> bound = new AtomicReference<>();
        server.sessions()
                .bind(server.authenticated(account), jid.resource(), to, (session, error) -> bound.set(session));
        server.settle();
        return Objects.requireNonNull(bound.get());
    }

    @TearDown
    public void close() {
        server.close();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long deliver() {
        for (int i = 0; i < BATCH; i++) {
            server.router().fromClient(romeo, wire, message, 0);
        }
        server.settle();
        return wire.written();
    }
}
