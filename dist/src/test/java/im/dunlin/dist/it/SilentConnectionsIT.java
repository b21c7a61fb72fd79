// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import im.dunlin.dist.ServerProcess;
import im.dunlin.dist.testing.RawClient;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand connections that say nothing, from many addresses: others are served meanwhile, and all are closed in time. */
class SilentConnectionsIT {
    private static final int CONNECTIONS = 10_000;

    /** Below what one address may have without logging in. */
    private static final int PER_ADDRESS = 25;

    private static final int PATIENCE_MILLIS = 60_000;

    @TempDir
    private Path directory;

    @Test
    void nobodyElseNoticesThemAndTheyAreClosedInTime() throws Exception {
        int connections = Math.min(CONNECTIONS, openFiles() - 1_000);
        List<Socket> silent = new ArrayList<>(connections);
        try (ServerProcess server =
                new ServerProcess(directory, "silent", "limits: { timeouts: { negotiation: 20s } }")) {
            server.addAccounts(List.of("juliet@localhost"));
            server.start();
            try (RawClient juliet = RawClient.session(server.endpoint(), "juliet@localhost/balcony")) {
                for (int i = 0; i < connections; i++) {
                    silent.add(connect(server.endpoint().startTls(), i / PER_ADDRESS));
                    if (i % 1_000 == 0) {
                        juliet.settles();
                    }
                }
                juliet.settles();
                try (RawClient another = RawClient.session(server.endpoint(), "juliet@localhost/chamber")) {
                    another.settles();
                }
                for (Socket each : silent) {
                    assertThat(wasClosed(each)).isTrue();
                }
                juliet.settles();
            }
        } finally {
            for (Socket each : silent) {
                each.close();
            }
        }
    }

    private static int openFiles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? (int) Math.min(Integer.MAX_VALUE, system.getMaxFileDescriptorCount())
                : CONNECTIONS;
    }

    private static Socket connect(int port, int address) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(PATIENCE_MILLIS);
        InetAddress from =
                InetAddress.getByAddress(new byte[] {127, 9, (byte) (1 + address / 250), (byte) (1 + address % 250)});
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), PATIENCE_MILLIS);
        return socket;
    }

    /** @return that the server's stream error was followed by the end of the connection */
    private static boolean wasClosed(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).contains("connection-timeout");
    }
}
