// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.admin;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.commands.CommandsModule;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.storage.memory.MemoryStore;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** XEP-0133 §4.24–§4.26. */
class MessageOfTheDayDialogueTest {
    private final MemoryStore store = new MemoryStore();
    private final TestTime time = new TestTime();
    private TestServer server = start();
    private TestClient escalus = server.connect("escalus@localhost/court");

    private TestServer start() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("commands", CommandsModule::new);
        modules.put(AdminModule.KEY, AdminModule::new);
        try {
            return TestServer.with(
                    store,
                    time,
                    new ConfigLoader(Map.of())
                            .parse("hosts: { localhost: { admins: [ escalus@localhost ] }, other.example: {} }"),
                    modules);
        } catch (ConfigException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String command(String node, String content) {
        return "<iq type='set' id='c' to='localhost'><command xmlns='http://jabber.org/protocol/commands'"
                + " node='http://jabber.org/protocol/admin#" + node + "'>" + content + "</command></iq>";
    }

    private static String form(String text) {
        return "<x xmlns='jabber:x:data' type='submit'><field var='motd'><value>" + text + "</value></field></x>";
    }

    private void runs(String node, String content) {
        escalus.sends(command(node, content));
        assertThat(escalus.next().toString()).contains("status='completed'");
        escalus.ignores();
    }

    private TestClient comes(String jid) {
        TestClient client = server.connect(jid);
        client.ignores();
        client.sends("<presence/>");
        return client;
    }

    private static void isTold(TestClient client, String text) {
        boolean told = false;
        while (client.waiting() > 0) {
            String next = client.next().toString();
            told |= next.contains("type='headline'")
                    && next.contains("from='localhost'")
                    && next.contains("<body>" + text + "</body>");
        }
        assertThat(told).isTrue();
    }

    private static void isToldNothing(TestClient client) {
        while (client.waiting() > 0) {
            assertThat(client.next().name().local()).isEqualTo("presence");
        }
    }

    /** "sent immediately to users who are online when the message is set, or after the next session initiation for other users" */
    @Test
    void everyUserIsToldOnce() {
        TestClient romeo = comes("romeo@localhost/garden");
        romeo.ignores();

        runs("set-motd", form("Peace"));

        isTold(romeo, "Peace");
        isTold(comes("juliet@localhost/balcony"), "Peace");
        isToldNothing(comes("juliet@localhost/chamber"));
        isToldNothing(comes("romeo@localhost/orchard"));
        isToldNothing(comes("rosaline@other.example/x"));
    }

    @Test
    void newMessageIsToldAgainAndOneThatIsPutRightIsNot() {
        runs("set-motd", form("Piece"));
        isTold(comes("romeo@localhost/garden"), "Piece");
        escalus.sends(command("edit-motd", ""));
        assertThat(escalus.next().toString()).contains("<value>Piece</value>");

        runs("edit-motd", form("Peace"));
        isToldNothing(comes("romeo@localhost/orchard"));
        TestClient juliet = comes("juliet@localhost/balcony");
        isTold(juliet, "Peace");
        runs("set-motd", form("War"));

        isTold(comes("tybalt@localhost/street"), "War");
        isTold(juliet, "War");
    }

    @Test
    void messageThatIsDeletedIsToldNobody() {
        runs("set-motd", form("Peace"));
        runs("delete-motd", "");

        isToldNothing(comes("romeo@localhost/garden"));
        escalus.sends(command("edit-motd", ""));
        escalus.receivesError("item-not-found");
    }

    @Test
    void restartKeepsTheMessageAndWhoWasTold() {
        runs("set-motd", form("Peace"));
        isTold(comes("romeo@localhost/garden"), "Peace");
        server.kill();
        server = start();

        isToldNothing(comes("romeo@localhost/garden"));
        isTold(comes("juliet@localhost/balcony"), "Peace");
    }

    @Test
    void whoIsNoAdministratorSetsNone() {
        TestClient romeo = comes("romeo@localhost/garden");
        romeo.ignores();
        for (String node : new String[] {"set-motd", "edit-motd", "delete-motd"}) {
            romeo.sends(command(node, form("War")));
            romeo.receivesError("forbidden");
        }
        isToldNothing(comes("juliet@localhost/balcony"));
    }
}
