// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Makes the accounts of a load on a running Dunlin, by its local socket: {@code Accounts SOCKET COUNT} makes {@code u0} to
 * {@code u(COUNT-1)} at localhost with the password {@code pw}. A JVM for each would take longer than the load.
 */
public final class Accounts {
    private Accounts() {}

    public static void main(String[] args) throws IOException {
        UnixDomainSocketAddress socket = UnixDomainSocketAddress.of(args[0]);
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(socket);
                String request = "{\"do\":\"addUser\",\"jid\":\"u" + i + "@localhost\",\"password\":\"pw\"}\n";
                channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
                ByteBuffer answer = ByteBuffer.allocate(4_096);
                while (channel.read(answer) >= 0 && answer.get(answer.position() - 1) != '\n') {
                    // Until the line is complete.
                }
                String text = new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
                if (text.contains("refused")) {
                    throw new IOException(text);
                }
            }
        }
    }
}
