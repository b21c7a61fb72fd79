// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.control;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The administration of a running server, over its local socket. */
public final class ControlClient implements Administration {
    private final Path path;

    public ControlClient(Path path) {
        this.path = path;
    }

    @Override
    public void addUser(String jid, String password) throws RefusedException {
        ask(request("addUser").put("jid", jid).put("password", password));
    }

    @Override
    public void setPassword(String jid, String password) throws RefusedException {
        ask(request("setPassword").put("jid", jid).put("password", password));
    }

    @Override
    public void logOut(String jid) throws RefusedException {
        ask(request("logOut").put("jid", jid));
    }

    @Override
    public void removeUser(String jid) throws RefusedException {
        ask(request("removeUser").put("jid", jid));
    }

    @Override
    public List<String> listUsers(@Nullable String host, @Nullable String after) throws RefusedException {
        return list(ask(request("listUsers").put("host", host).put("after", after)));
    }

    @Override
    public Map<String, String> showUser(String jid) throws RefusedException {
        return facts(ask(request("showUser").put("jid", jid)));
    }

    @Override
    public Map<String, String> invite(String by, @Nullable String name) throws RefusedException {
        return facts(ask(request("invite").put("by", by).put("name", name)));
    }

    @Override
    public List<String> invitations(String host) throws RefusedException {
        return list(ask(request("invitations").put("host", host)));
    }

    @Override
    public void takeInvitationBack(String host, String id) throws RefusedException {
        ask(request("takeInvitationBack").put("host", host).put("id", id));
    }

    @Override
    public List<String> reports(@Nullable String host) throws RefusedException {
        return list(ask(request("reports").put("host", host)));
    }

    @Override
    public Map<String, String> status() throws RefusedException {
        return facts(ask(request("status")));
    }

    @Override
    public List<String> pushDevices(String jid) throws RefusedException {
        return list(ask(request("pushDevices").put("jid", jid)));
    }

    @Override
    public List<String> explainPush(String event) throws RefusedException {
        return list(ask(request("explainPush").put("event", event)));
    }

    @Override
    public void backup(Path directory) throws RefusedException {
        ask(request("backup").put("directory", directory.toString()));
    }

    @Override
    public List<String> checkUser(String jid) throws RefusedException {
        return list(ask(request("checkUser").put("jid", jid)));
    }

    @Override
    public void exportUser(String jid, Path file) throws RefusedException {
        ask(request("exportUser").put("jid", jid).put("file", file.toString()));
    }

    @Override
    public @Nullable String beginImport(String jid) throws RefusedException {
        ObjectNode answer = ask(request("beginImport").put("jid", jid));
        return answer.has("ticket") ? answer.path("ticket").asString() : null;
    }

    @Override
    public List<String> importPieces(String jid, String ticket, List<String> pieces) throws RefusedException {
        ObjectNode request = request("importPieces").put("jid", jid).put("ticket", ticket);
        pieces.forEach(request.putArray("pieces")::add);
        return list(ask(request));
    }

    @Override
    public void endImport(String jid, String ticket, List<String> scram, @Nullable String password)
            throws RefusedException {
        ObjectNode request =
                request("endImport").put("jid", jid).put("ticket", ticket).put("password", password);
        scram.forEach(request.putArray("scram")::add);
        ask(request);
    }

    @Override
    public void dropImport(String jid, String ticket) throws RefusedException {
        ask(request("dropImport").put("jid", jid).put("ticket", ticket));
    }

    /** Whether a server listens there. */
    public boolean answers() {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static ObjectNode request(String what) {
        return Wire.object().put("do", what);
    }

    private static List<String> list(ObjectNode answer) {
        List<String> lines = new ArrayList<>();
        answer.path("list").forEach(line -> lines.add(line.asString()));
        return lines;
    }

    private static Map<String, String> facts(ObjectNode answer) {
        Map<String, String> facts = new LinkedHashMap<>();
        answer.path("facts").forEachEntry((name, value) -> facts.put(name, value.asString()));
        return facts;
    }

    private ObjectNode ask(ObjectNode request) throws RefusedException {
        ObjectNode answer;
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            Wire.write(channel, request);
            answer = Wire.read(channel);
        } catch (IOException e) {
            throw new NoAnswerException("the running server does not answer (" + e.getMessage()
                    + "); it may be starting or stopping: try again");
        }
        if (answer.has("refused") && answer.has("piece")) {
            throw new RefusedPieceException(
                    answer.path("piece").asInt(), answer.path("refused").asString());
        }
        if (answer.has("refused")) {
            throw new RefusedException(answer.path("refused").asString());
        }
        return answer;
    }

    /** Each request has its own connection: nothing stays open. */
    @Override
    public void close() {}
}
