// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.portable.PortableReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlServerTest {
    @TempDir
    Path directory;

    private Path socket;
    private ControlServer server;

    @BeforeEach
    void open() throws Exception {
        socket = directory.resolve("control.sock");
        server = ControlServer.open(socket, new OneUser());
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void requestThatIsNoRequestCostsOnlyItsConnection() throws Exception {
        for (String line :
                List.of("\n", "[]\n", "{\n", "{}\n", "{\"do\":\"fly\"}\n", "{\"do\":\"addUser\"}\n", "\u0000\n")) {
            assertThat(exchange(line))
                    .satisfiesAnyOf(
                            answer -> assertThat(answer).isEmpty(),
                            answer -> assertThat(answer).contains("refused"));
        }

        assertThat(new ControlClient(socket).listUsers(null, null)).containsExactly("juliet@localhost");
    }

    @Test
    void invitationsAreListedAndTakenBack() throws Exception {
        ControlClient client = new ControlClient(socket);

        assertThat(client.invitations("localhost")).containsExactly("0123456789ab of localhost");
        assertThatThrownBy(() -> client.takeInvitationBack("localhost", "0123"))
                .isInstanceOf(RefusedException.class)
                .hasMessage("0123 of localhost");
    }

    @Test
    void endlessLineIsCutOff() throws Exception {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            ByteBuffer piece = ByteBuffer.allocate(1 << 16);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 200; i++) {
                            piece.clear();
                            channel.write(piece);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }

        assertThat(new ControlClient(socket).status()).isEmpty();
    }

    @Test
    void failureInsideIsARefusalWithoutDetail() {
        assertThatThrownBy(() -> new ControlClient(socket).removeUser("juliet@localhost"))
                .isInstanceOf(RefusedException.class)
                .hasMessage("the server failed: IllegalStateException (see its log)");
    }

    @Test
    void fullPageOfTheLongestAddressesFitsALine() throws Exception {
        assertThat(new ControlClient(socket).listUsers("long", null)).hasSize(Administration.PAGE);
    }

    @Test
    void largestPieceFitsALine() throws Exception {
        String piece = "\"\\".repeat(PortableReader.MAX_PIECE_BYTES / 2);

        assertThat(new ControlClient(socket).importPieces("juliet@localhost", "1", List.of(piece)))
                .containsExactly(Integer.toString(PortableReader.MAX_PIECE_BYTES));
    }

    @Test
    void whichPieceIsWrongIsTold() {
        assertThatThrownBy(() -> new ControlClient(socket)
                        .importPieces("juliet@localhost", "1", List.of("right", "wrong", "right")))
                .isInstanceOfSatisfying(
                        RefusedPieceException.class,
                        refused -> assertThat(refused.piece()).isEqualTo(1))
                .hasMessage("it is wrong");
    }

    @Test
    void closedServerAnswersNobody() {
        server.close();

        assertThatThrownBy(() -> new ControlClient(socket).status()).isInstanceOf(RefusedException.class);
    }

    private String exchange(String line) throws Exception {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(1_024);
            while (channel.read(buffer.clear()) > 0) {
                answer.write(buffer.array(), 0, buffer.position());
            }
            return answer.toString(StandardCharsets.UTF_8);
        }
    }

    private static final class OneUser implements Administration {
        @Override
        public void addUser(String jid, String password) {}

        @Override
        public void setPassword(String jid, String password) {}

        @Override
        public void logOut(String jid) {}

        @Override
        public void removeUser(String jid) {
            throw new IllegalStateException("secret detail");
        }

        @Override
        public List<String> listUsers(@Nullable String host, @Nullable String after) {
            if (host == null) {
                return List.of("juliet@localhost");
            }
            String jid = "\u00e4".repeat(511) + "@" + "d".repeat(1_023);
            return java.util.Collections.nCopies(PAGE, jid);
        }

        @Override
        public Map<String, String> showUser(String jid) {
            return Map.of();
        }

        @Override
        public List<String> invitations(String host) {
            return List.of("0123456789ab of " + host);
        }

        @Override
        public void takeInvitationBack(String host, String id) throws RefusedException {
            throw new RefusedException(id + " of " + host);
        }

        @Override
        public List<String> reports(@Nullable String host) {
            return List.of();
        }

        @Override
        public Map<String, String> invite(String by, @Nullable String name) {
            return Map.of();
        }

        @Override
        public Map<String, String> status() {
            return Map.of();
        }

        @Override
        public List<String> pushDevices(String jid) {
            return List.of("device phone", "of " + jid);
        }

        @Override
        public List<String> explainPush(String event) {
            return List.of("what became of " + event);
        }

        @Override
        public void backup(Path target) {}

        @Override
        public List<String> checkUser(String jid) {
            return List.of();
        }

        @Override
        public void exportUser(String jid, Path file) {}

        @Override
        public @Nullable String beginImport(String jid) {
            return null;
        }

        @Override
        public List<String> importPieces(String jid, String ticket, List<String> pieces) throws RefusedException {
            for (int i = 0; i < pieces.size(); i++) {
                if (pieces.get(i).startsWith("wrong")) {
                    throw new RefusedPieceException(i, "it is wrong");
                }
            }
            return pieces.stream()
                    .map(piece -> Integer.toString(piece.length()))
                    .toList();
        }

        @Override
        public void endImport(String jid, String ticket, List<String> scram, @Nullable String password) {}

        @Override
        public void dropImport(String jid, String ticket) {}

        @Override
        public void close() {}
    }
}
