// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.control;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Carries an administrator's requests into a running server, over a socket in its data directory. One thread serves one
 * request at a time; whoever neither asks nor listens within {@link #PATIENCE_SECONDS} seconds is cut off.
 */
public final class ControlServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ControlServer.class);
    private static final int PATIENCE_SECONDS = 10;

    private final Path path;
    private final Administration administration;
    private final ServerSocketChannel listener;
    private final ScheduledExecutorService watch;
    private final Thread thread;

    private ControlServer(Path path, Administration administration, ServerSocketChannel listener) {
        this.path = path;
        this.administration = administration;
        this.listener = listener;
        watch = Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "control-watch"));
        thread = daemon(this::serve, "control");
    }

    /**
     * Starts to listen.
     *
     * @param path in a directory that nobody else may enter; a file there, left by a server that was killed, is replaced
     */
    public static ControlServer open(Path path, Administration administration) throws IOException {
        Files.deleteIfExists(path);
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        ControlServer server = new ControlServer(path, administration, listener);
        server.thread.start();
        return server;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private void serve() {
        while (listener.isOpen()) {
            try (SocketChannel channel = listener.accept()) {
                ObjectNode request = within(channel, () -> Wire.read(channel));
                ObjectNode answer = answer(request);
                within(channel, () -> {
                    Wire.write(channel, answer);
                    return answer;
                });
            } catch (ClosedChannelException e) {
                log.debug("control connection closed");
            } catch (IOException e) {
                log.debug("control connection failed: {}", e.getMessage());
            }
        }
    }

    private interface Exchange {
        ObjectNode run() throws IOException;
    }

    private ObjectNode within(SocketChannel channel, Exchange exchange) throws IOException {
        Future<?> deadline = watch.schedule(() -> closeQuietly(channel), PATIENCE_SECONDS, TimeUnit.SECONDS);
        try {
            return exchange.run();
        } finally {
            deadline.cancel(false);
        }
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            log.debug("control connection did not close: {}", e.getMessage());
        }
    }

    private ObjectNode answer(ObjectNode request) {
        ObjectNode answer = Wire.object();
        try {
            perform(request, answer);
        } catch (RefusedPieceException e) {
            answer.put("refused", e.getMessage()).put("piece", e.piece());
        } catch (RefusedException e) {
            answer.put("refused", e.getMessage());
        } catch (RuntimeException e) {
            log.error("administration request failed", e);
            answer.put("refused", "the server failed: " + e.getClass().getSimpleName() + " (see its log)");
        }
        return answer;
    }

    private void perform(ObjectNode request, ObjectNode answer) throws RefusedException {
        String asked = text(request, "do");
        switch (asked) {
            case "addUser" -> administration.addUser(text(request, "jid"), text(request, "password"));
            case "setPassword" -> administration.setPassword(text(request, "jid"), text(request, "password"));
            case "logOut" -> administration.logOut(text(request, "jid"));
            case "removeUser" -> administration.removeUser(text(request, "jid"));
            case "listUsers" -> {
                ArrayNode array = answer.putArray("list");
                List<String> jids = administration.listUsers(optional(request, "host"), optional(request, "after"));
                jids.forEach(array::add);
            }
            case "showUser" -> put(answer, administration.showUser(text(request, "jid")));
            case "invite" -> put(answer, administration.invite(text(request, "by"), optional(request, "name")));
            case "invitations" -> {
                ArrayNode array = answer.putArray("list");
                administration.invitations(text(request, "host")).forEach(array::add);
            }
            case "takeInvitationBack" -> administration.takeInvitationBack(text(request, "host"), text(request, "id"));
            case "reports" -> {
                ArrayNode array = answer.putArray("list");
                administration.reports(optional(request, "host")).forEach(array::add);
            }
            case "status" -> put(answer, administration.status());
            case "pushDevices" -> {
                ArrayNode array = answer.putArray("list");
                administration.pushDevices(text(request, "jid")).forEach(array::add);
            }
            case "explainPush" -> {
                ArrayNode array = answer.putArray("list");
                administration.explainPush(text(request, "event")).forEach(array::add);
            }
            case "backup" -> administration.backup(Path.of(text(request, "directory")));
            case "checkUser" -> {
                ArrayNode array = answer.putArray("list");
                administration.checkUser(text(request, "jid")).forEach(array::add);
            }
            case "exportUser" -> administration.exportUser(text(request, "jid"), Path.of(text(request, "file")));
            case "beginImport" -> {
                String ticket = administration.beginImport(text(request, "jid"));
                if (ticket != null) {
                    answer.put("ticket", ticket);
                }
            }
            case "importPieces" -> {
                ArrayNode array = answer.putArray("list");
                administration
                        .importPieces(text(request, "jid"), text(request, "ticket"), texts(request, "pieces"))
                        .forEach(array::add);
            }
            case "endImport" ->
                administration.endImport(
                        text(request, "jid"),
                        text(request, "ticket"),
                        texts(request, "scram"),
                        optional(request, "password"));
            case "dropImport" -> administration.dropImport(text(request, "jid"), text(request, "ticket"));
            default -> throw new RefusedException("this server does not know " + asked);
        }
    }

    private static void put(ObjectNode answer, Map<String, String> facts) {
        ObjectNode node = answer.putObject("facts");
        facts.forEach(node::put);
    }

    private static @Nullable String optional(ObjectNode request, String key) {
        JsonNode value = request.get(key);
        return value == null || !value.isString() ? null : value.stringValue();
    }

    private static List<String> texts(ObjectNode request, String key) {
        List<String> texts = new ArrayList<>();
        request.path(key).forEach(text -> texts.add(text.asString()));
        return texts;
    }

    private static String text(ObjectNode request, String key) throws RefusedException {
        String value = optional(request, key);
        if (value == null) {
            throw new RefusedException("the request has no " + key);
        }
        return value;
    }

    /** Stops listening and waits for the request that is being served. */
    @Override
    public void close() {
        try {
            listener.close();
            Files.deleteIfExists(path);
            thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        } catch (IOException e) {
            log.debug("control socket did not close: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        watch.shutdownNow();
    }
}
