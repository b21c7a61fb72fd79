// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import static im.dunlin.sync.calls.CallsFixture.JULIET;
import static im.dunlin.sync.calls.CallsFixture.propose;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.ReadCount;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.storage.Store;
import im.dunlin.storage.memory.MemoryStore;
import im.dunlin.sync.log.ConversationLog;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A call comes first, however much lies behind it. */
class CallCostTest {
    private static final int ARCHIVED = 100_000;

    private final ReadCount count = new ReadCount();
    private final Store store = count.of(new MemoryStore());
    private final TestServer server = TestServer.with(store, new TestServer.TestTime(), CallsFixture.modules());
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private TestClient phone = server.connect("juliet@localhost/phone");

    private void archive() {
        ConversationLog log = server.modules().provided(ConversationLog.class);
        Message message = TestStanzas.message(
                "<message type='chat' from='romeo@localhost/x' to='juliet@localhost'><body>hello</body></message>");
        for (int i = 0; i < ARCHIVED; i += 1_000) {
            server.turn(JULIET, turn -> {
                for (int j = 0; j < 1_000; j++) {
                    log.append(turn, Way.INBOUND, message, message.traits());
                }
                return null;
            });
        }
    }

    /** Reads of the store until the call is there. */
    private long resume(String id) {
        phone = server.login("juliet@localhost");
        long before = count.reads();
        phone.sends("<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='0'/>");
        phone.receives("<resumed xmlns='urn:xmpp:sm:3'/>");
        phone.receives("<message><calls xmlns='https://dunlin.im/protocol/calls/1'><call sid='c1'/></calls></message>");
        long reads = count.reads() - before;
        phone.loses();
        return reads;
    }

    private long pull() {
        TestClient client = server.connect("juliet@localhost/woken");
        long before = count.reads();
        client.sends("<iq type='get' id='p'><calls xmlns='https://dunlin.im/protocol/calls/1'/></iq>");
        client.receives("<iq><calls xmlns='https://dunlin.im/protocol/calls/1'><call sid='c1'/></calls></iq>");
        return count.reads() - before;
    }

    @Test
    void callComesFirstAndCostsTheSameBeforeAHundredThousandMessages() {
        phone.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        String id = Objects.requireNonNull(phone.next().attr("id"));
        phone.sends("<iq type='set' id='e'><enable xmlns='https://dunlin.im/protocol/calls/1'/></iq>");
        phone.loses();
        romeo.sends(propose("juliet@localhost", "c1"));
        long resumeAlone = resume(id);
        long pullAlone = pull();
        archive();

        assertThat(resume(id)).isEqualTo(resumeAlone).isLessThan(10);
        assertThat(pull()).isEqualTo(pullAlone).isLessThan(10);
        server.close();
    }
}
