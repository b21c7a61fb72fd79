// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Keys compare as bytes the way they compare as values, and read back as they were written. */
class KeyProperties {
    private static final long SEED = 20261101;

    /** One part of every kind, and the order that is promised for it. */
    private record Parts(int u8, int u16, long u32, long u64, String text, long descending, byte[] rest) {
        static final Comparator<Parts> ORDER = Comparator.comparingInt(Parts::u8)
                .thenComparingInt(Parts::u16)
                .thenComparingLong(Parts::u32)
                .thenComparing(Parts::u64, Long::compareUnsigned)
                .thenComparing(Parts::text, KeyProperties::compareCodePoints)
                .thenComparing(Parts::descending, (a, b) -> Long.compareUnsigned(b, a))
                .thenComparing(Parts::rest, Arrays::compareUnsigned);

        /** Parts that are often equal, so that later ones decide. */
        static Parts random(Random random) {
            byte[] rest = new byte[random.nextInt(3)];
            random.nextBytes(rest);
            return new Parts(
                    random.nextInt(2) * 0xFF,
                    random.nextInt(2) * 0xFFFF,
                    random.nextInt(2) * 0xFFFF_FFFFL,
                    random.nextInt(4) - 2,
                    randomText(random),
                    random.nextInt(4) - 2,
                    rest);
        }

        byte[] write() {
            return new KeyWriter()
                    .u8(u8)
                    .u16(u16)
                    .u32(u32)
                    .u64(u64)
                    .text(text)
                    .descending(descending)
                    .bytes(rest)
                    .toBytes();
        }

        static Parts read(byte[] key) {
            KeyReader in = new KeyReader(key);
            Parts parts = new Parts(in.u8(), in.u16(), in.u32(), in.u64(), in.text(), in.descending(), in.rest());
            in.end();
            return parts;
        }
    }

    private static String randomText(Random random) {
        int[] alphabet = {1, 'a', 'b', 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF};
        return IntStream.range(0, random.nextInt(4))
                .map(i -> alphabet[random.nextInt(alphabet.length)])
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static int compareCodePoints(String a, String b) {
        return Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
    }

    @Test
    void orderOfBytesIsOrderOfValues() {
        Random random = new Random(SEED);
        for (int i = 0; i < 50_000; i++) {
            Parts a = Parts.random(random);
            Parts b = Parts.random(random);

            assertThat(Integer.signum(Arrays.compareUnsigned(a.write(), b.write())))
                    .as("seed %d: %s and %s", SEED, a, b)
                    .isEqualTo(Integer.signum(Parts.ORDER.compare(a, b)));
        }
    }

    @Test
    void everyKeyReadsBack() {
        Random random = new Random(SEED);
        for (int i = 0; i < 10_000; i++) {
            Parts parts = Parts.random(random);

            assertThat(Parts.ORDER.compare(Parts.read(parts.write()), parts))
                    .as("seed %d: %s", SEED, parts)
                    .isZero();
        }
    }

    @Test
    void textIsUtf8AndAZeroByte() {
        Random random = new Random(SEED);
        for (int i = 0; i < 1000; i++) {
            String text = randomText(random);
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);

            assertThat(new KeyWriter().text(text).toBytes()).isEqualTo(Arrays.copyOf(utf8, utf8.length + 1));
        }
    }

    @Test
    void bytesThatNoWriterMadeAreCorrupt() {
        Random random = new Random(SEED);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = Parts.random(random).write();
            byte[] cut = Arrays.copyOf(bytes, random.nextInt(15 + 1));

            assertThatThrownBy(() -> Parts.read(cut)).isInstanceOf(CorruptionException.class);
        }
    }

    @Test
    void textWithoutAnOrderIsRefused() {
        for (String bad : new String[] {"a\0b", "\uD800", "x\uDC00y", "\uD800\uD800"}) {
            assertThatThrownBy(() -> new KeyWriter().text(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void numberThatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> new KeyWriter().u8(256)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new KeyWriter().u16(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new KeyWriter().u32(1L << 32)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ownerComesFirstAndIsTenBytes() {
        Table<String, String> table = new Table<>(SampleTables.NICKNAMES);

        assertThat(table.key(new OwnerKey(0x0102, 0x030405060708090aL), "b"))
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 'b', 0);
    }

    @Test
    void ownerOutsideTheSlotsIsRefused() {
        assertThatThrownBy(() -> new OwnerKey(1024, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new OwnerKey(-1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new OwnerKey(OwnerKey.CLUSTER_SLOT, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keyWithMoreThanItsCodecReadsIsCorrupt() {
        Table<String, String> table = new Table<>(SampleTables.NICKNAMES);
        byte[] key = table.key(new OwnerKey(1, 1), "romeo");

        assertThatThrownBy(() -> table.row(Arrays.copyOf(key, key.length + 1), Values.TEXT.write("x")))
                .isInstanceOf(CorruptionException.class)
                .hasMessageContaining("sample-nicknames");
    }
}
