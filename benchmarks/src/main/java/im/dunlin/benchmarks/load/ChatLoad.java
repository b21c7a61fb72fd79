// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Chat messages between pairs of local users at a steady rate, and the CPU time that the server's process needs for one.
 *
 * <p>{@code ChatLoad PORT PID PAIRS RATE WARMUP_SECONDS SECONDS}: direct TLS on 127.0.0.1:PORT, accounts {@code u0} to
 * {@code u(2·PAIRS-1)} at localhost with the password {@code pw}; RATE messages a second in each pair. Prints one line.
 */
public final class ChatLoad {
    private static final String BODY =
            "Art thou not Romeo, and a Montague? Neither, fair saint, if either thee dislike.";

    private ChatLoad() {}

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        ServerProcess server = new ServerProcess(Long.parseLong(args[1]));
        int pairs = Integer.parseInt(args[2]);
        int rate = Integer.parseInt(args[3]);
        int warmup = Integer.parseInt(args[4]);
        int seconds = Integer.parseInt(args[5]);

        AtomicLong received = new AtomicLong();
        ConcurrentHistogram latency = new ConcurrentHistogram(TimeUnit.SECONDS.toMicros(60), 3);
        EventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("load", true), NioIoHandler.newFactory());
        SslContext tls = SslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm(null)
                .build();
        List<LoadClient> senders = new ArrayList<>();
        long[] lastSent = new long[pairs];
        for (int pair = 0; pair < pairs; pair++) {
            int number = pair;
            LoadClient.connect(
                            loops,
                            tls,
                            at(1, port),
                            at(2 + pair, 0),
                            "localhost",
                            "u" + (2 * pair + 1),
                            "pw",
                            "load",
                            n -> {
                                received.addAndGet(n);
                                latency.recordValue((System.nanoTime() - lastSent[number]) / 1_000);
                            })
                    .get(20, TimeUnit.SECONDS);
            senders.add(LoadClient.connect(
                            loops,
                            tls,
                            at(1, port),
                            at(2 + pair, 0),
                            "localhost",
                            "u" + 2 * pair,
                            "pw",
                            "load",
                            n -> {})
                    .get(20, TimeUnit.SECONDS));
        }
        run(senders, lastSent, rate, warmup, received);
        latency.reset();
        long before = received.get();
        double cpuBefore = server.cpuSeconds();
        long sent = run(senders, lastSent, rate, seconds, received);
        double cpu = server.cpuSeconds() - cpuBefore;
        long arrived = received.get() - before;
        System.out.printf(
                Locale.ROOT,
                "%d pairs, %d sent, %d received, %.0f µs CPU a message, latency p50 %d µs p99 %d µs, %d MiB resident%n",
                pairs,
                sent,
                arrived,
                cpu * 1e6 / arrived,
                latency.getValueAtPercentile(50),
                latency.getValueAtPercentile(99),
                server.residentKib() / 1024);
        senders.forEach(LoadClient::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    /** Sends one message in each pair, again and again, and waits at the end until all have arrived. */
    private static long run(List<LoadClient> senders, long[] lastSent, int rate, int seconds, AtomicLong received)
            throws InterruptedException {
        long goal = received.get();
        long sent = 0;
        long interval = TimeUnit.SECONDS.toNanos(1) / ((long) rate * senders.size());
        long next = System.nanoTime();
        long end = next + TimeUnit.SECONDS.toNanos(seconds);
        for (int at = 0; next < end; at = (at + 1) % senders.size()) {
            long now = System.nanoTime();
            if (now < next) {
                TimeUnit.NANOSECONDS.sleep(next - now);
            }
            next += interval;
            lastSent[at] = System.nanoTime();
            senders.get(at)
                    .send("<message type='chat' id='m" + sent + "' to='u" + (2 * at + 1) + "@localhost'><body>" + BODY
                            + "</body></message>");
            sent++;
        }
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (received.get() < goal + sent && System.nanoTime() < patience) {
            Thread.sleep(1);
        }
        return sent;
    }

    /** Another loopback address for each pair, since servers limit connections by address. */
    private static InetSocketAddress at(int last, int port) {
        return new InetSocketAddress("127.0." + last / 250 + "." + (last % 250 + (last < 250 ? 0 : 1)), port);
    }
}
