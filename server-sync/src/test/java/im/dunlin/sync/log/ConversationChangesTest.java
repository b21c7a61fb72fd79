// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.storage.OwnerKey;
import im.dunlin.sync.log.ChangeObserver.Cause;
import im.dunlin.sync.log.ConversationHead.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes of conversations other than by a message, and who learns of changes. */
class ConversationChangesTest {
    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final BareJid ROMEO = BareJid.of("romeo@localhost");
    private static final ConversationKey CHAT = new ConversationKey(ROMEO, ConversationType.CHAT);

    private record Seen(ConversationKey key, ConversationHead head, Cause cause) {}

    private final AtomicReference<ConversationLog> made = new AtomicReference<>();
    private final TestServer server = TestServer.with("log", setup -> made.set(new ConversationLog(setup)));
    private final ConversationLog log = made.get();
    private final List<Seen> seen = new ArrayList<>();

    @BeforeEach
    void observe() {
        server.account(JULIET.toString());
        log.observe((turn, key, head, cause) -> seen.add(new Seen(key, head, cause)));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void observersSeeEachChangeWithItsCause() {
        long id = turn(this::hears);
        turn(turn -> log.read(turn, CHAT, id, turn::stamp));
        turn(turn -> log.change(turn, CHAT, Cause.STATE, head -> head.withPin(7)));
        turn(turn -> log.prune(turn, entry -> true, 10));

        assertThat(seen)
                .extracting(Seen::cause)
                .containsExactly(Cause.MESSAGE, Cause.POSITION, Cause.STATE, Cause.PRUNED);
        assertThat(seen).extracting(Seen::key).containsOnly(CHAT);
        assertThat(seen)
                .extracting(one -> one.head().changeStamp())
                .doesNotHaveDuplicates()
                .isSorted();
        ConversationHead now = turn(turn -> log.head(turn, CHAT));
        assertThat(seen.get(3).head()).isEqualTo(now);
    }

    @Test
    void aChangeThatChangesNothingTakesNoNumber() {
        turn(this::hears);
        ConversationHead before = turn(turn -> log.head(turn, CHAT));
        seen.clear();

        boolean news = turn(turn -> log.change(turn, CHAT, Cause.STATE, head -> head.withPin(0)));

        ConversationHead after = turn(turn -> log.head(turn, CHAT));
        assertThat(news).isFalse();
        assertThat(seen).isEmpty();
        assertThat(after).isEqualTo(before);
    }

    @Test
    void aTouchMovesTheChangeStampAlone() {
        turn(this::hears);
        ConversationHead before = turn(turn -> log.head(turn, CHAT));

        server.turn(JULIET, turn -> {
            log.touch(turn, CHAT, Cause.CALL, turn.stamp());
            return null;
        });

        ConversationHead after = turn(turn -> log.head(turn, CHAT));
        assertThat(after.changeStamp()).isGreaterThan(before.changeStamp());
        assertThat(after.withStamps(before.orderStamp(), before.changeStamp())).isEqualTo(before);
    }

    @Test
    void whatIsNotThereDoesNotChangeButMayBegin() {
        boolean changed = turn(turn -> log.change(turn, CHAT, Cause.STATE, head -> head.withPin(1)));
        assertThat(changed).isFalse();
        assertThat(seen).isEmpty();

        boolean began = turn(turn -> {
            long stamp = turn.stamp();
            return log.changeOrBegin(turn, CHAT, Cause.SUBSCRIPTION, () -> stamp, head -> head.withOrderStamp(stamp));
        });

        assertThat(began).isTrue();
        assertThat(seen).hasSize(1);
        ConversationHead head = seen.get(0).head();
        assertThat(head.orderStamp()).isEqualTo(head.changeStamp()).isPositive();
        assertThat(log.reader().newest(server.store(), owner(), Long.MAX_VALUE, 10))
                .singleElement()
                .satisfies(row -> assertThat(row.value()).isEqualTo(head));
    }

    @Test
    void tombstoneIsInTheDeltaAndInNoList() {
        turn(this::hears);
        long before = log.reader().stamp(server.store(), owner());

        turn(turn -> log.change(turn, CHAT, Cause.STATE, head -> head.withStatus(Status.DELETED)));

        assertThat(log.reader().newest(server.store(), owner(), Long.MAX_VALUE, 10))
                .isEmpty();
        assertThat(log.reader().changedSince(server.store(), owner(), before, 10))
                .singleElement()
                .satisfies(row -> assertThat(row.value().status()).isEqualTo(Status.DELETED));
    }

    @Test
    void aCopyChangesOnePartAndKeepsTheRest() {
        turn(this::hears);
        ConversationHead head = turn(turn -> log.head(turn, CHAT));

        assertThat(head.withPin(3).withPin(head.pin())).isEqualTo(head);
        assertThat(head.withMutedUntil(3).mutedUntil()).isEqualTo(3);
        assertThat(head.withMutedUntil(3).withMutedUntil(0)).isEqualTo(head);
        assertThat(head.withStatus(Status.ARCHIVED).withStatus(Status.ACTIVE)).isEqualTo(head);
        assertThat(head.withRewriteVersion(3).rewriteVersion()).isEqualTo(3);
        assertThat(head.withUnreadMention(3).unreadMention()).isEqualTo(3);
    }

    private long hears(Turn turn) {
        Message message = TestStanzas.message("<message type='chat' from='" + ROMEO + "/orchard' to='" + JULIET
                + "'><body>Art thou there?</body></message>");
        return log.append(turn, Way.INBOUND, message, message.traits());
    }

    private OwnerKey owner() {
        return turn(turn -> turn.owner().key());
    }

    private <T> T turn(Function<Turn, T> body) {
        return server.turn(JULIET, body::apply);
    }
}
