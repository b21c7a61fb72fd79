// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.storage.memory.MemoryStore;
import org.junit.jupiter.api.Test;

/** What {@link StoreContract} does not already compare with a sorted map. */
class ChangesTest {
    private static final OwnerKey OWNER = new OwnerKey(1, 1);

    private final MemoryStore store = new MemoryStore();
    private final Table<String, String> nicknames = store.open(SampleTables.NICKNAMES);
    private final Changes changes = new Changes(store, 1);

    private void written(String... keys) {
        Changes earlier = new Changes(store, 1);
        for (String key : keys) {
            earlier.put(nicknames, OWNER, key, key);
        }
        store.write(earlier.toBatch());
    }

    @Test
    void loopOverAScanMayDeleteWhatItMeets() {
        written("a", "c");
        changes.put(nicknames, OWNER, "b", "b");
        StringBuilder met = new StringBuilder();
        try (Scan<String, String> scan = changes.scan(nicknames, OWNER, Range.all(), Direction.FORWARD)) {
            scan.forEachRemaining(row -> {
                met.append(row.key());
                changes.delete(nicknames, OWNER, row.key());
                changes.put(nicknames, OWNER, "z" + row.key(), "not met");
            });
        }

        assertThat(met).hasToString("abc");
        assertThat(changes.list(nicknames, OWNER, Range.all(), Direction.FORWARD, 9))
                .extracting(Row::key)
                .containsExactly("za", "zb", "zc");
    }

    @Test
    void nothingReachesTheStoreBeforeTheBatchDoes() {
        changes.put(nicknames, OWNER, "a", "a");

        assertThat(store.get(nicknames, OWNER, "a")).isNull();
        assertThat(changes.get(nicknames, OWNER, "a")).isEqualTo("a");
    }

    @Test
    void rowsPutUnderADeletedPrefixAreThere() {
        written("a", "b");
        changes.put(nicknames, OWNER, "c", "before");
        changes.deleteAll(nicknames, OWNER);
        changes.put(nicknames, OWNER, "b", "after");

        assertThat(changes.list(nicknames, OWNER, Range.all(), Direction.BACKWARD, 9))
                .extracting(Row::value)
                .containsExactly("after");
        assertThat(changes.get(nicknames, OWNER, "a")).isNull();
        assertThat(changes.rows()).isEqualTo(2);
    }

    @Test
    void ownerOfAnotherSlotIsRefused() {
        assertThatThrownBy(() -> changes.put(nicknames, new OwnerKey(2, 1), "a", "a"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> changes.delete(nicknames, OwnerKey.CLUSTER, "a"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> changes.deleteAll(nicknames, new OwnerKey(2, 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(changes.isEmpty()).isTrue();
    }

    @Test
    void boundIsReportedAtTheWriteThatCrossesIt() {
        for (int i = 0; i < Batch.MAX_WRITES; i++) {
            changes.put(nicknames, OWNER, "k" + i, "v");
        }

        assertThatThrownBy(() -> changes.put(nicknames, OWNER, "one more", "v"))
                .isInstanceOf(BatchTooLargeException.class);
    }
}
