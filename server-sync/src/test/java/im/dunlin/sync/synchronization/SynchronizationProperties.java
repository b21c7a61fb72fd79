// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.Seed;
import im.dunlin.sync.log.ChangeObserver.Cause;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random histories: what a client had at any earlier stamp, with the delta since then over it, is what a client gets that had
 * nothing. Pages are of random size, and things happen between them.
 */
class SynchronizationProperties {
    private static final int STEPS = 400;
    private static final int PEERS = 9;

    /** What a client has: each conversation as it was last told, and the stamp. */
    private record View(Map<String, String> conversations, String stamp) {}

    private final SyncFixture alice = new SyncFixture();
    private final TestClient phone = alice.connect("alice@localhost/phone");
    private final List<TestClient> peers = new ArrayList<>();
    private final List<Long> ids = new ArrayList<>(List.of(1L));
    private final List<View> earlier = new ArrayList<>(List.of(new View(Map.of(), "0")));
    private Random random = new Random();

    @Test
    void deltaOverAnEarlierViewIsTheWhole() {
        long seed = Seed.next();
        System.out.println("SynchronizationProperties seed " + seed);
        random = new Random(seed);
        for (int i = 0; i < PEERS; i++) {
            peers.add(alice.connect("peer" + i));
        }
        try (alice) {
            for (int step = 0; step < STEPS; step++) {
                alice.server.time().advance(Duration.ofMillis(random.nextInt(3) * 500L));
                step();
                if (step % 4 == 0) {
                    View old = earlier.get(random.nextInt(earlier.size()));
                    View walked = walk(old, random.nextInt(3) == 0);
                    View settled = walk(walked, false);
                    View whole = walk(new View(Map.of(), "0"), false);
                    assertThat(settled.conversations())
                            .as("seed %s step %s from %s", seed, step, old.stamp())
                            .isEqualTo(whole.conversations());
                    assertThat(settled.stamp()).isEqualTo(whole.stamp());
                    earlier.add(whole);
                }
            }
        }
    }

    /** All pages of what changed since the view, over the view. */
    private View walk(View from, boolean thingsHappen) {
        Map<String, String> conversations = new HashMap<>(from.conversations());
        int max = 1 + random.nextInt(6);
        String after = "";
        String stamp = null;
        while (true) {
            Element query = alice.ask(phone, "stamp='" + from.stamp() + "'", SyncFixture.page(max, after));
            assertThat(stamp == null || stamp.equals(query.attr("stamp"))).isTrue();
            stamp = query.requireAttr("stamp");
            for (Element conversation : SyncFixture.conversations(query)) {
                String key = conversation.attr("jid") + " " + conversation.attr("type");
                if ("deleted".equals(conversation.attr("status"))) {
                    conversations.remove(key);
                } else {
                    conversations.put(key, conversation.toString());
                }
            }
            if (SyncFixture.last(query) == null) {
                return new View(conversations, stamp);
            }
            after = "<after>" + SyncFixture.last(query) + "</after>";
            if (thingsHappen && random.nextBoolean()) {
                step();
            }
        }
    }

    private void step() {
        int peer = random.nextInt(PEERS);
        String name = "peer" + peer;
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> alice.turn(turn -> append(turn, name, Way.INBOUND));
            case 3 -> alice.turn(turn -> append(turn, name, Way.OUTBOUND));
            case 4 -> alice.turn(turn -> alice.log().read(turn, key(name), anId(), turn::stamp));
            case 5 -> alice.turn(turn -> alice.log().displayed(turn, key(name), anId(), turn::stamp));
            case 6 -> sets(name, "pinned='" + random.nextInt(3) + "'");
            case 7 -> sets(name, random.nextBoolean() ? "mute='0'" : "mute=''");
            case 8 -> sets(name, random.nextBoolean() ? "status='archived'" : "status='active'");
            case 9 -> sets(name, "status='deleted'");
            case 10 -> {
                if (random.nextBoolean()) {
                    peers.get(peer).sends("<presence type='subscribe' to='alice@localhost'/>");
                } else {
                    phone.sends("<presence type='unsubscribed' to='" + name + "@localhost'/>");
                }
            }
            default -> {
                if (random.nextInt(4) == 0) {
                    alice.turn(turn -> alice.log().prune(turn, entry -> true, random.nextInt(4)));
                } else {
                    alice.turn(turn -> {
                        long version = turn.stamp();
                        return alice.log()
                                .change(
                                        turn,
                                        key(name),
                                        Cause.REWRITE,
                                        () -> version,
                                        head -> rewritten(head, version));
                    });
                }
            }
        }
    }

    private static ConversationHead rewritten(ConversationHead head, long version) {
        return head.withRewriteVersion(version);
    }

    private Long append(Turn turn, String name, Way way) {
        String peer = name + "@localhost";
        String[] contents = {
            "<body>hello</body>",
            "<encrypted xmlns='eu.siacs.conversations.axolotl'/>",
            "<received xmlns='urn:xmpp:receipts' id='x'/>",
            "<body>hello all</body><x xmlns='https://xabber.com/protocol/groups'/>"
        };
        String from = way == Way.OUTBOUND ? "alice@localhost/phone" : peer + "/x";
        String to = way == Way.OUTBOUND ? peer : "alice@localhost";
        Message message = TestStanzas.message("<message type='chat' id='m' from='" + from + "' to='" + to + "'>"
                + contents[random.nextInt(contents.length)] + "</message>");
        long id = alice.log().append(turn, way, message, message.traits());
        ids.add(id);
        return id;
    }

    private long anId() {
        return ids.get(random.nextInt(ids.size()));
    }

    private static ConversationKey key(String name) {
        return new ConversationKey(BareJid.of(name + "@localhost"), ConversationType.CHAT);
    }

    /** The answer does not matter: there may be no such conversation. */
    private void sets(String name, String change) {
        phone.sends(SyncFixture.change(SyncFixture.conversation(name, change)));
        phone.ignores();
    }
}
