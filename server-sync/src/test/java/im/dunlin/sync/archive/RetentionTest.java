// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.LogCheck;
import im.dunlin.sync.log.LogReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RetentionTest {
    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final BareJid ROMEO = BareJid.of("romeo@localhost");

    private @Nullable TestServer server;

    @AfterEach
    void close() {
        server.close();
    }

    private TestClient start(String settings) {
        server = ArchiveFixture.server(settings);
        ArchiveFixture.online(server, "juliet@localhost/balcony");
        return ArchiveFixture.online(server, "romeo@localhost/orchard");
    }

    private static void says(TestClient from, String body) {
        from.sends("<message type='chat' to='juliet@localhost'><body>" + body + "</body></message>");
    }

    private LogReader.Size size() {
        OwnerKey owner = server.turn(JULIET, turn -> turn.owner().key());
        return log().reader().size(server.store(), owner);
    }

    private ConversationLog log() {
        return server.modules().provided(ConversationLog.class);
    }

    private ConversationHead head() {
        return server.turn(JULIET, turn -> log().head(turn, new ConversationKey(ROMEO, ConversationType.CHAT)));
    }

    /** Lets time pass, and what it makes due be done to its end. */
    private void after(Duration duration) {
        server.after(duration);
        for (int i = 0; i < 10; i++) {
            server.after(Duration.ofMillis(1));
        }
    }

    @Test
    void messagesGoWhenTheyAreTooOld() {
        TestClient romeo = start("retention: { age: 10d }");
        says(romeo, "old");
        after(Duration.ofDays(8));
        says(romeo, "young");
        long changed = head().changeStamp();

        after(Duration.ofDays(3));

        assertThat(size().count()).isEqualTo(1);
        assertThat(head().unread()).isEqualTo(1);
        assertThat(head().changeStamp()).as("devices learn of it").isGreaterThan(changed);
        after(Duration.ofDays(9));
        assertThat(size()).isEqualTo(new LogReader.Size(0, 0));
        assertThat(head().lastMessage()).isZero();
        assertThat(head().unread()).isZero();
    }

    @Test
    void oldestGoWhenThereIsTooMuch() {
        TestClient romeo = start("retention: { quotaBytes: 20000 }");
        for (int i = 0; i < 10; i++) {
            says(romeo, "x".repeat(4_000));
        }
        assertThat(size().count()).isEqualTo(10);

        after(Duration.ofDays(1));

        assertThat(size().bytes()).isBetween(15_000L, 20_000L);
        assertThat(size().count()).isEqualTo(4);
    }

    @Test
    void placesOfWhatIsGoneCountAndGo() {
        TestClient romeo = start("retention: { quotaBytes: 20000 }");
        for (int i = 0; i < 300; i++) {
            says(romeo, "x");
        }
        List<Long> all = ids();
        server.turn(JULIET, turn -> {
            for (long id : all) {
                log().retract(turn, id, null, turn.stamp(), 0);
            }
            return null;
        });
        assertThat(size().count()).isZero();
        assertThat(size().bytes()).isBetween(40_000L, 50_000L);

        after(Duration.ofDays(1));

        assertThat(size().bytes()).isBetween(15_000L, 20_000L);
        List<LogCheck.Damage> damage = server.turn(
                JULIET, turn -> log().check().check(turn.reader(), turn.owner().key(), JULIET));
        assertThat(damage).isEmpty();
    }

    private List<Long> ids() {
        List<Long> ids = new ArrayList<>();
        OwnerKey owner = server.turn(JULIET, turn -> turn.owner().key());
        try (LogReader.Entries entries =
                log().reader().entries(server.store(), owner, 0, Long.MAX_VALUE, Direction.FORWARD)) {
            for (var row = entries.next(); row != null; row = entries.next()) {
                ids.add(row.key());
            }
        }
        return ids;
    }

    @Test
    void endsAreFoundBehindAnyNumberOfPlaces() {
        TestClient romeo = start("retention: { quotaBytes: 0 }");
        for (int i = 0; i < 2_600; i++) {
            says(romeo, "x");
        }
        List<Long> ids = ids();
        for (int from = 0; from < ids.size(); from += 520) {
            List<Long> some = ids.subList(from, from + 520);
            server.turn(JULIET, turn -> {
                some.stream()
                        .filter(id -> !id.equals(ids.get(1_300)))
                        .forEach(id -> log().retract(turn, id, null, turn.stamp(), 0));
                return null;
            });
        }
        OwnerKey owner = server.turn(JULIET, turn -> turn.owner().key());

        for (Direction direction : Direction.values()) {
            assertThat(log().reader().first(server.store(), owner, direction).key())
                    .isEqualTo(ids.get(1_300));
        }
    }

    @Test
    void muchGoesInManyTurns() {
        TestClient romeo = start("retention: { age: 1d }");
        for (int i = 0; i < 2 * Retention.BATCH + 10; i++) {
            says(romeo, "x");
        }

        after(Duration.ofDays(3));

        assertThat(size().count()).isZero();
        assertThat(head().digest().count()).isZero();
    }

    @Test
    void nothingGoesWithoutBounds() {
        TestClient romeo = start("retention: { age: 0s, quotaBytes: 0 }");
        says(romeo, "kept");

        after(Duration.ofDays(4_000));

        assertThat(size().count()).isEqualTo(1);
    }

    @Test
    void timerOfAnAccountThatIsGoneLeavesTheNewOneAlone() {
        TestClient romeo = start("retention: { age: 10d }");
        says(romeo, "first life");
        server.turn(JULIET, turn -> {
            turn.removeOwner(turn.now());
            return null;
        });
        server.after(Duration.ofMillis(1));
        ArchiveFixture.online(server, "juliet@localhost/balcony");

        after(Duration.ofDays(2));
        says(romeo, "second life");
        after(Duration.ofDays(11));

        assertThat(size().count()).isZero();
    }
}
