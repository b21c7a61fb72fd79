// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.storage.memory.MemoryStore;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MigrationsTest {
    /** Puts an exclamation mark behind each nickname: done twice, it shows. Three rows a piece. */
    private static final Migration EXCLAIM = new Migration() {
        @Override
        public String description() {
            return "nicknames are exclaimed";
        }

        @Override
        public byte @Nullable [] step(Store store, int slot, byte[] cursor, Changes changes) {
            Table<String, String> nicknames = store.open(SampleTables.NICKNAMES);
            try (Scan<String, String> scan =
                    cursor.length == 0 ? store.scanSlot(nicknames, slot) : store.scanSlot(nicknames, slot, cursor)) {
                for (Row<String, String> row : scan.take(3)) {
                    changes.put(nicknames, row.owner(), row.key(), row.value() + "!");
                }
                if (!scan.hasNext()) {
                    return null;
                }
                Row<String, String> next = scan.next();
                return nicknames.key(next.owner(), next.key());
            }
        }
    };

    private static final Migration SHOUT = new Migration() {
        @Override
        public String description() {
            return "nicknames are shouted";
        }

        @Override
        public byte @Nullable [] step(Store store, int slot, byte[] cursor, Changes changes) {
            Table<String, String> nicknames = store.open(SampleTables.NICKNAMES);
            try (Scan<String, String> scan = store.scanSlot(nicknames, slot)) {
                scan.forEachRemaining(row -> changes.put(
                        nicknames, row.owner(), row.key(), row.value().toUpperCase(Locale.ROOT)));
            }
            return null;
        }
    };

    private static final Migrations BOTH = new Migrations(List.of(EXCLAIM, SHOUT));

    private FaultyStore store = new FaultyStore(MemoryStore::new);
    private Table<String, String> nicknames = store.open(SampleTables.NICKNAMES);

    private void fill() {
        for (int slot : new int[] {0, 5, Slots.COUNT - 1, OwnerKey.CLUSTER_SLOT}) {
            Changes changes = new Changes(store, slot);
            for (int i = 0; i < 7; i++) {
                OwnerKey owner = slot == OwnerKey.CLUSTER_SLOT ? OwnerKey.CLUSTER : new OwnerKey(slot, i / 4);
                changes.put(nicknames, owner, "n" + i, "a" + i);
            }
            store.write(changes.toBatch());
        }
        store.sync(true);
    }

    private void expectMigrated() {
        assertThat(store.cluster().format()).isEqualTo(3);
        for (int slot : new int[] {0, 5, Slots.COUNT - 1, OwnerKey.CLUSTER_SLOT}) {
            try (Scan<String, String> scan = store.scanSlot(nicknames, slot)) {
                assertThat(scan.take(100))
                        .extracting(Row::value)
                        .containsExactly("A0!", "A1!", "A2!", "A3!", "A4!", "A5!", "A6!");
            }
        }
    }

    @Test
    void everyStepRunsInOrder() {
        fill();
        assertThat(BOTH.pending(store)).isTrue();
        BOTH.run(store);

        assertThat(BOTH.pending(store)).isFalse();
        expectMigrated();
    }

    @Test
    void crashAtAnyWriteGoesOnFromThere() {
        fill();
        BOTH.run(store);
        int all = store.writes();

        // The first slots, ends of slots, the change of format, and the end: each kind of place, not each slot.
        for (int failing : new int[] {0, 1, 2, 3, 5, 6, 8, 1024, 1030, 1033, 1034, 1035, 1036, 2060, 2062, all - 7}) {
            store = new FaultyStore(MemoryStore::new);
            nicknames = store.open(SampleTables.NICKNAMES);
            fill();
            store.failAtWrite(failing);
            assertThatThrownBy(() -> BOTH.run(store)).as("write %d", failing).isInstanceOf(StoreException.class);
            store.crash(failing % 2 == 0 ? FaultyStore.Crash.MACHINE : FaultyStore.Crash.PROCESS);
            BOTH.run(store);
            expectMigrated();
        }
    }

    @Test
    void nothingOfTheProgressIsLeft() {
        fill();
        BOTH.run(store);

        assertThat(store.statistics().tables())
                .filteredOn(table -> table.name().equals("migration"))
                .extracting(StoreStatistics.TableStatistics::rows)
                .containsExactly(0L);
    }

    @Test
    void newerFormatIsRefused() {
        BOTH.run(store);

        assertThatThrownBy(() -> Migrations.NONE.pending(store))
                .isInstanceOf(FormatTooNewException.class)
                .hasMessageContaining("format 3")
                .hasMessageContaining("up to 1");
    }
}
