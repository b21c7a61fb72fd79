// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.stanza.Presence;
import im.dunlin.core.testing.Golden;
import im.dunlin.core.xml.CanonicalFormException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.Seed;
import im.dunlin.storage.ValueCodec;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is on disk is a promise: these files change only with a new number of the format. */
class RosterFormatsTest {
    private static final RosterItem ITEM = new RosterItem(
            1_767_225_600_000_001L, "Romeo Montague", true, false, false, true, List.of("Friends", "Böse Buben"));
    private static final RosterHead HEAD =
            new RosterHead(1_767_225_600_000_002L, 1_767_225_600_000_001L, 300, 7, 2, 30_000);
    private static final SubscriptionRequest REQUEST = new SubscriptionRequest(
            1_767_225_600_000_003L, "en", Payload.of(Element.of(Presence.STATUS, "Art thou not Romeo?")));

    @Test
    void itemIsTheGoldenOne() {
        Golden.check("roster-item-1", RosterItem.CODEC, ITEM);
    }

    @Test
    void headIsTheGoldenOne() {
        Golden.check("roster-head-2", RosterHead.CODEC, HEAD);
    }

    @Test
    void headOfFormatOneIsReadWithoutItsBytes() {
        assertThat(RosterHead.CODEC.read(Golden.bytes("roster-head-1"))).isEqualTo(HEAD.counted(RosterHead.UNKNOWN));
    }

    @Test
    void requestIsTheGoldenOne() {
        Golden.check("subscription-request-1", SubscriptionRequest.CODEC, REQUEST);
    }

    @Test
    void damagedValueIsRefusedOrReadButNeverAnotherError() {
        damage(RosterItem.CODEC, ITEM);
        damage(RosterHead.CODEC, HEAD);
        damage(SubscriptionRequest.CODEC, REQUEST);
    }

    private static <V> void damage(ValueCodec<V> codec, V value) {
        long seed = Seed.next();
        Random random = new Random(seed);
        byte[] good = codec.write(value);
        for (int i = 0; i < 2_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
            if (bad.length > 0) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                codec.read(bad);
            } catch (CorruptionException | CanonicalFormException e) {
                assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
            }
        }
    }
}
