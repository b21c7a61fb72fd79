// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What an idle, bound session costs the server: bytes of heap, after a full collection, and of resident memory, as the slope
 * between two numbers of connections.
 *
 * <p>{@code IdleMemory PORT PID FEW MANY ACCOUNTS}: direct TLS on loopback, accounts {@code u0}… as for {@link ChatLoad}. The
 * heap is read with {@code jcmd}, so the server must be a JVM of the same user.
 */
public final class IdleMemory {
    /** Logins at once; more would only wait for the server's password hashing. */
    private static final int AT_ONCE = 16;

    private IdleMemory() {}

    private record Sample(int sessions, long heapBytes, long residentKib) {}

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        ServerProcess server = new ServerProcess(Long.parseLong(args[1]));
        int few = Integer.parseInt(args[2]);
        int many = Integer.parseInt(args[3]);
        int accounts = Integer.parseInt(args[4]);

        EventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("load", true), NioIoHandler.newFactory());
        SslContext tls = SslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm(null)
                .build();
        List<LoadClient> clients = new ArrayList<>();
        Sample low = null;
        while (clients.size() < many) {
            List<CompletableFuture<LoadClient>> batch = new ArrayList<>();
            for (int i = 0; i < AT_ONCE && clients.size() + batch.size() < many; i++) {
                int number = clients.size() + batch.size();
                batch.add(LoadClient.connect(
                        loops,
                        tls,
                        new InetSocketAddress("127.0.0.1", port),
                        new InetSocketAddress("127.1." + number / 10 / 250 + "." + (number / 10 % 250 + 1), 0),
                        "localhost",
                        "u" + number % accounts,
                        "pw",
                        "idle" + number,
                        n -> {}));
            }
            for (CompletableFuture<LoadClient> each : batch) {
                clients.add(each.get(30, TimeUnit.SECONDS));
            }
            if (low == null && clients.size() >= few) {
                low = sample(server, clients.size());
            }
        }
        Sample high = sample(server, clients.size());
        if (low == null) {
            throw new IllegalArgumentException("FEW must be less than MANY");
        }
        int more = high.sessions() - low.sessions();
        System.out.printf(
                Locale.ROOT,
                "%d to %d sessions: %d bytes of heap and %d bytes resident each; heap %d KiB to %d KiB%n",
                low.sessions(),
                high.sessions(),
                (high.heapBytes() - low.heapBytes()) / more,
                (high.residentKib() - low.residentKib()) * 1024 / more,
                low.heapBytes() / 1024,
                high.heapBytes() / 1024);
        clients.forEach(LoadClient::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    private static Sample sample(ServerProcess server, int sessions) throws IOException, InterruptedException {
        // Twice: what the first collection makes unreachable, such as buffers of finished logins, the second one frees.
        jcmd(server, "GC.run");
        Thread.sleep(2_000);
        jcmd(server, "GC.run");
        Thread.sleep(1_000);
        String histogram = jcmd(server, "GC.class_histogram");
        String total = histogram
                .lines()
                .filter(line -> line.startsWith("Total"))
                .findFirst()
                .orElseThrow(() -> new IOException("no total in the histogram"));
        long heap = Long.parseLong(total.trim().split("\\s+")[2]);
        return new Sample(sessions, heap, server.residentKib());
    }

    private static String jcmd(ServerProcess server, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("jcmd", Long.toString(server.pid()), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
