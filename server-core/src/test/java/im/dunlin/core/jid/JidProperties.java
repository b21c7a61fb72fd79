// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class JidProperties {
    private static final long SEED = 7622;

    /** Ranges where preparation does something; the rest of Unicode comes in through the last. */
    private static final int[][] RANGES = {
        {'a', 'z'},
        {'A', 'Z'},
        {0x20, 0x7E},
        {0xA0, 0x24F},
        {0x300, 0x36F},
        {0x370, 0x3FF},
        {0x590, 0x6FF},
        {0x900, 0x97F},
        {0x1100, 0x11FF},
        {0x1E00, 0x1FFF},
        {0x2000, 0x206F},
        {0x3000, 0x30FF},
        {0xAC00, 0xAC40},
        {0xFB00, 0xFEFF},
        {0xFF00, 0xFFEF},
        {0x1F600, 0x1F640},
        {0, 0x10FFFF},
    };

    @Test
    void preparingPreparedTextChangesNothing() {
        Random random = new Random(SEED);
        int accepted = 0;
        for (int i = 0; i < 200_000; i++) {
            String part = part(random);
            String text = switch (i % 3) {
                case 0 -> part + "@example.com";
                case 1 -> "a@" + part + ".example";
                default -> "a@example.com/" + part;
            };
            Jid jid;
            try {
                jid = Jid.parse(text);
            } catch (JidException e) {
                continue;
            }
            accepted++;
            String escaped = text.chars()
                    .mapToObj(c -> String.format("%04x", c))
                    .toList()
                    .toString();
            Jid again = Jid.of(jid.toString());
            assertThat(again).as("seed %d, %s", SEED, escaped).isEqualTo(jid).hasToString(jid.toString());
            assertThat(again.local()).isEqualTo(jid.local());
            assertThat(again.domain()).isEqualTo(jid.domain());
            assertThat(again.resource()).isEqualTo(jid.resource());
            assertThat(Jid.prepared(jid.toString())).isEqualTo(jid);
        }
        assertThat(accepted).isGreaterThan(20_000);
    }

    @Test
    void plainTextIsTreatedAsTheProfilesSay() {
        Random random = new Random(SEED);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int j = random.nextInt(8) + 1; j > 0; j--) {
                text.append((char) (0x20 + random.nextInt(0x60)));
            }
            String part = text.toString();
            assertThat(resource(part)).as(part).isEqualTo(Precis.opaqueString(part));
            String name = Precis.usernameCaseMapped(part);
            boolean excluded = part.chars().anyMatch(c -> "\"&'/:<>@".indexOf(c) >= 0);
            assertThat(local(part)).as(part).isEqualTo(excluded ? null : name);
        }
    }

    private static String local(String part) {
        try {
            return Precis.localpart(part);
        } catch (JidException e) {
            return null;
        }
    }

    private static String resource(String part) {
        try {
            return Precis.resourcepart(part);
        } catch (JidException e) {
            return null;
        }
    }

    private static String part(Random random) {
        StringBuilder text = new StringBuilder();
        int[] range = RANGES[random.nextInt(RANGES.length)];
        for (int i = random.nextInt(5) + 1; i > 0; i--) {
            int[] from = random.nextInt(3) == 0 ? RANGES[random.nextInt(RANGES.length)] : range;
            int c = from[0] + random.nextInt(from[1] - from[0] + 1);
            text.appendCodePoint(c);
        }
        return text.toString();
    }
}
