// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import static im.dunlin.sync.rewrite.RewriteFixture.ALICE;
import static im.dunlin.sync.rewrite.RewriteFixture.CAROL;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.storage.FaultyStore;
import im.dunlin.storage.memory.MemoryStore;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationType;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The disk fails at each point of a change in turn; afterwards both sides agree, whether it was made or not. */
class RewriteCrashTest {
    private enum Fault {
        AT_WRITE(FaultyStore::failAtWrite),
        BEHIND_WRITE(FaultyStore::failBehindWrite),
        AT_SYNC(FaultyStore::failAtSync);

        private final BiConsumer<FaultyStore, Integer> cause;

        Fault(BiConsumer<FaultyStore, Integer> cause) {
            this.cause = cause;
        }
    }

    private interface Then {
        /** @param answered whether the client was told that it is done */
        void verify(TestServer restarted, boolean answered, String where);
    }

    private static void everywhere(Fault fault, String before, String request, Then then) {
        int at = 0;
        boolean reached = true;
        while (reached) {
            FaultyStore faulty = new FaultyStore(MemoryStore::new);
            TestServer.TestTime time = new TestServer.TestTime();
            TestServer server = TestServer.with(faulty, time, RewriteFixture.modules());
            TestClient alice = RewriteFixture.xabber(server, "alice@localhost/web");
            RewriteFixture.xabber(server, "carol@localhost/phone");
            for (String id : List.of("m1", "m2")) {
                RewriteFixture.says(server, alice, "carol@localhost", id, "<body>old " + id + "</body>");
            }
            String id = RewriteFixture.id(server, ALICE, "m1");
            if (!before.isEmpty()) {
                alice.sends(String.format(before, id));
            }
            alice.ignores();
            fault.cause.accept(faulty, at);

            alice.sends(String.format(request, id));
            boolean answered = false;
            while (alice.waiting() > 0) {
                answered |= "result".equals(alice.next().attr("type"));
            }
            reached = server.hasFailed();
            server.kill();
            faulty.crash(FaultyStore.Crash.MACHINE);

            try (TestServer restarted = TestServer.with(faulty, time, RewriteFixture.modules())) {
                String where = fault + " " + at;
                RewriteFixture.isSound(restarted, ALICE, where);
                RewriteFixture.isSound(restarted, CAROL, where);
                then.verify(restarted, answered, where);
                restarted.after(Duration.ofMinutes(2));
                restarted.after(Duration.ofMinutes(2));
                RewriteFixture.isSound(restarted, ALICE, where);
                RewriteFixture.isSound(restarted, CAROL, where);
                then.verify(restarted, answered, where + " later");
            }
            at++;
        }
        assertThat(at).as("points of failure").isGreaterThan(1);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void editIsInBothArchivesOrInNone(Fault fault) {
        everywhere(fault, "", RewriteFixture.replace("%s", "new"), (server, answered, where) -> {
            List<String> hers = RewriteFixture.texts(server, ALICE);
            List<String> carols = RewriteFixture.texts(server, CAROL);
            assertThat(hers).as(where).isEqualTo(carols);
            assertThat(hers).as(where).containsAnyOf("m1 old m1", "m1 new");
            if (answered) {
                assertThat(hers).as(where).contains("m1 new");
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void retractionIsInBothArchivesOrInNone(Fault fault) {
        everywhere(
                fault,
                RewriteFixture.replace("%s", "edited"),
                RewriteFixture.retract("%s", true),
                (server, answered, where) -> {
                    List<String> hers = RewriteFixture.texts(server, ALICE);
                    List<String> carols = RewriteFixture.texts(server, CAROL);
                    assertThat(hers).as(where).isEqualTo(carols);
                    assertThat(hers.toString()).as(where).containsAnyOf("m1 edited", "m1 RETRACTED");
                    if (answered) {
                        assertThat(hers).as(where).contains("m1 RETRACTED");
                    }
                });
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void conversationIsRetractedAsAWholeOrNotAtAll(Fault fault) {
        everywhere(fault, "", RewriteFixture.retractAll(CAROL, "urn:xabber:chat"), (server, answered, where) -> {
            ConversationHead head = RewriteFixture.head(server, ALICE, CAROL, ConversationType.CHAT);
            boolean isDone = head.rewriteVersion() != 0;
            assertThat(head.digest().count()).as(where).isEqualTo(isDone ? 0 : 2);
            assertThat(isDone || !answered).as(where).isTrue();
            assertThat(RewriteFixture.texts(server, CAROL)).as(where).hasSize(2);
        });
    }
}
