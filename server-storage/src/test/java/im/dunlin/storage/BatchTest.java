// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.storage.memory.MemoryStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchTest {
    private static final long SEED = 20261101;

    private static byte[] key(int slot, int... rest) {
        KeyWriter out = new KeyWriter().u16(slot).u64(1);
        for (int part : rest) {
            out.u8(part);
        }
        return out.toBytes();
    }

    private static Batch random(Random random) {
        List<Batch.Write> writes = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            String table = "t" + random.nextInt(3);
            byte[] key = key(9, random.nextInt(256));
            writes.add(
                    switch (random.nextInt(3)) {
                        case 0 -> Batch.Write.put(table, key, new byte[random.nextInt(300)]);
                        case 1 -> Batch.Write.delete(table, key);
                        default -> Batch.Write.deletePrefix(table, Arrays.copyOf(key, 2 + random.nextInt(9)));
                    });
        }
        return new Batch(9, writes);
    }

    @Test
    void everyBatchReadsBack() {
        Random random = new Random(SEED);
        for (int i = 0; i < 2000; i++) {
            Batch batch = random(random);

            assertThat(Batch.decode(batch.encode())).as("seed %d", SEED).isEqualTo(batch);
        }
    }

    @Test
    void damagedBatchIsCorruptOrAnotherBatch() {
        Random random = new Random(SEED);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = random(random).encode();
            byte[] damaged = Arrays.copyOf(bytes, random.nextInt(bytes.length + 3));
            for (int flips = random.nextInt(3); flips > 0 && damaged.length > 0; flips--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(Batch.decode(damaged)).isNotNull();
            } catch (CorruptionException e) {
                assertThat(e).hasMessageContaining("a ");
            }
        }
    }

    @Test
    void keyOfAnotherSlotIsRefused() {
        assertThatThrownBy(() -> new Batch(1, List.of(Batch.Write.delete("t", key(2)))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Batch(1, List.of(Batch.Write.deletePrefix("t", new byte[] {0}))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Batch(1, List.of(Batch.Write.delete("t", new byte[] {0, 1}))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void wholeSlotMayBeDeleted() {
        MemoryStore store = new MemoryStore();
        Table<String, String> nicknames = store.open(SampleTables.NICKNAMES);
        for (int slot : new int[] {254, 255, 256}) {
            Changes changes = new Changes(store, slot);
            changes.put(nicknames, new OwnerKey(slot, -1), "romeo", "x");
            store.write(changes.toBatch());
        }
        store.write(new Batch(
                255,
                List.of(Batch.Write.deletePrefix(
                        nicknames.name(), new KeyWriter().u16(255).toBytes()))));

        try (Scan<String, String> scan = store.scanTable(nicknames)) {
            assertThat(scan.take(9)).extracting(row -> row.owner().slot()).containsExactly(254, 256);
        }
    }

    @Test
    void batchIsBounded() {
        List<Batch.Write> many = Collections.nCopies(Batch.MAX_WRITES, Batch.Write.delete("t", key(1)));
        assertThat(new Batch(1, many).writes()).hasSize(Batch.MAX_WRITES);
        List<Batch.Write> more = Collections.nCopies(Batch.MAX_WRITES + 1, Batch.Write.delete("t", key(1)));
        assertThatThrownBy(() -> new Batch(1, more)).isInstanceOf(BatchTooLargeException.class);
        assertThatThrownBy(() -> new Batch(1, List.of(Batch.Write.put("t", key(1), new byte[Batch.MAX_BYTES]))))
                .isInstanceOf(BatchTooLargeException.class);
    }

    @Test
    void emptyBatchIsABatch() {
        Batch empty = new Batch(3, List.of());

        assertThat(empty.isEmpty()).isTrue();
        assertThat(Batch.decode(empty.encode())).isEqualTo(empty);
    }
}
