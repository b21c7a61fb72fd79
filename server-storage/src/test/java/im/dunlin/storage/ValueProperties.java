// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Values read back as they were written, and what is no value is a {@link CorruptionException} and nothing else. */
class ValueProperties {
    private static final long SEED = 20261101;

    private record Sample(
            long varint,
            long fixed,
            boolean bool,
            int u8,
            @Nullable String text,
            List<String> list) {
        static final ValueCodec<Sample> CODEC = Values.versioned(
                2,
                (out, s) -> out.varint(s.varint)
                        .fixed64(s.fixed)
                        .bool(s.bool)
                        .u8(s.u8)
                        .nullableText(s.text)
                        .list(s.list, ValueWriter::text),
                in -> new Sample(
                        in.varint(),
                        in.fixed64(),
                        in.bool(),
                        in.u8(),
                        in.nullableText(),
                        // Version 1 had no list.
                        in.version() == 1 ? List.of() : in.list(ValueReader::text)));

        static Sample random(Random random) {
            List<String> list = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                list.add("\u00e9".repeat(random.nextInt(100)));
            }
            return new Sample(
                    random.nextLong() >> random.nextInt(64),
                    random.nextLong(),
                    random.nextBoolean(),
                    random.nextInt(256),
                    random.nextBoolean() ? "t" + random.nextInt() : null,
                    list);
        }
    }

    @Test
    void everyValueReadsBack() {
        Random random = new Random(SEED);
        for (int i = 0; i < 10_000; i++) {
            Sample sample = Sample.random(random);

            assertThat(Sample.CODEC.read(Sample.CODEC.write(sample)))
                    .as("seed %d", SEED)
                    .isEqualTo(sample);
        }
    }

    @Test
    void simpleValuesReadBack() {
        for (long number : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(Values.LONG.read(Values.LONG.write(number))).isEqualTo(number);
        }
        assertThat(Values.TEXT.read(Values.TEXT.write("a\0\uD83D\uDE00"))).isEqualTo("a\0\uD83D\uDE00");
        assertThat(Values.BYTES.read(Values.BYTES.write(new byte[] {0, -1}))).containsExactly(0, -1);
        assertThat(Values.PRESENT.read(Values.PRESENT.write(true))).isTrue();
    }

    @Test
    void damagedValueIsCorruptOrAnotherValue() {
        Random random = new Random(SEED);
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = Sample.CODEC.write(Sample.random(random));
            byte[] damaged = Arrays.copyOf(bytes, random.nextInt(bytes.length + 3));
            for (int flips = random.nextInt(3); flips > 0 && damaged.length > 0; flips--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(Sample.CODEC.read(damaged)).isNotNull();
            } catch (CorruptionException e) {
                assertThat(e).hasMessageContaining("value");
            }
        }
    }

    @Test
    void hugeCountReservesNothing() {
        byte[] bytes = new ValueWriter(1).varint(Integer.MAX_VALUE).toBytes();

        assertThatThrownBy(() -> new ValueReader(bytes).list(ValueReader::text))
                .isInstanceOf(CorruptionException.class);
        assertThatThrownBy(() -> new ValueReader(bytes).list(in -> "takes nothing"))
                .isInstanceOf(CorruptionException.class);
        assertThatThrownBy(() -> new ValueReader(bytes).bytes()).isInstanceOf(CorruptionException.class);
    }

    @Test
    void olderFormatIsReadAndNewerRefused() {
        byte[] old = new ValueWriter(1)
                .varint(7)
                .fixed64(8)
                .bool(true)
                .u8(9)
                .nullableText(null)
                .toBytes();
        byte[] newer = Sample.CODEC.write(new Sample(7, 8, true, 9, null, List.of()));
        newer[0] = 3;

        assertThat(Sample.CODEC.read(old)).isEqualTo(new Sample(7, 8, true, 9, null, List.of()));
        assertThatThrownBy(() -> Sample.CODEC.read(newer))
                .isInstanceOf(CorruptionException.class)
                .hasMessageContaining("format 3");
        assertThatThrownBy(() -> Sample.CODEC.read(new byte[0])).isInstanceOf(CorruptionException.class);
    }
}
