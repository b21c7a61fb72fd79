// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The vectors are in the decision, and {@link FormatTest} compares them. */
class SlotsTest {
    /** The definition, word by word. */
    private static int reference(String name) {
        long hash = 0xcbf29ce484222325L;
        for (byte part : name.getBytes(StandardCharsets.UTF_8)) {
            hash ^= part & 0xFF;
            hash *= 0x100000001b3L;
        }
        hash ^= hash >>> 33;
        hash *= 0xff51afd7ed558ccdL;
        hash ^= hash >>> 33;
        hash *= 0xc4ceb9fe1a85ec53L;
        hash ^= hash >>> 33;
        return (int) (hash & 1023);
    }

    @Test
    void hashIsOverTheUtf8OfTheName() {
        for (String name : List.of("", "a@b", "\u00e9", "\u07ff\u0800", "\ud7ff\ue000\uffff", "\uD83D\uDE00x")) {
            assertThat(Slots.of(name)).as(name).isEqualTo(reference(name));
        }
    }

    @Test
    void namesThatDifferLittleAreSpreadEvenly() {
        int[] counts = new int[Slots.COUNT];
        IntStream.range(0, 100 * Slots.COUNT).forEach(i -> counts[Slots.of("user" + i + "@example.org")]++);

        // 100 on average; a fair hash leaves this range about once in ten thousand tries.
        assertThat(IntStream.of(counts).summaryStatistics())
                .matches(counted -> counted.getMin() > 50 && counted.getMax() < 160);
    }

    @Test
    void loneSurrogateHasNoSlot() {
        assertThatThrownBy(() -> Slots.of("\uD800@b")).isInstanceOf(IllegalArgumentException.class);
    }
}
