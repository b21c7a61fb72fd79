// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.storage.memory.MemoryStore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowCacheTest {
    private static final OwnerKey OWNER = new OwnerKey(1, 1);

    private final MemoryStore store = new MemoryStore();
    private final AtomicInteger lookUps = new AtomicInteger();
    private final Table<String, String> nicknames = store.open(SampleTables.NICKNAMES);
    private final RowCache cache = new RowCache(
            new Reader() {
                @Override
                public byte @Nullable [] find(String table, byte[] key) {
                    lookUps.incrementAndGet();
                    return store.find(table, key);
                }

                @Override
                public Cursor cursor(String table, byte[] from, byte[] to, Direction direction) {
                    return store.cursor(table, from, to, direction);
                }
            },
            2);

    private void write(Consumer<Changes> body) {
        Changes changes = new Changes(cache, 1);
        body.accept(changes);
        Batch batch = changes.toBatch();
        store.write(batch);
        cache.written(batch);
    }

    private @Nullable String get(String key) {
        return cache.get(nicknames, OWNER, key);
    }

    @Test
    void rowIsLookedUpOnceAndSoIsOneThatIsMissing() {
        write(changes -> changes.put(nicknames, OWNER, "a", "one"));

        assertThat(get("a")).isEqualTo("one");
        assertThat(get("a")).isEqualTo("one");
        assertThat(get("b")).isNull();
        assertThat(get("b")).isNull();
        assertThat(lookUps).hasValue(2);
    }

    @Test
    void whatIsWrittenLaterIsWhatIsFound() {
        assertThat(get("a")).isNull();
        write(changes -> changes.put(nicknames, OWNER, "a", "one"));
        assertThat(get("a")).isEqualTo("one");
        write(changes -> changes.put(nicknames, OWNER, "a", "two"));
        assertThat(get("a")).isEqualTo("two");
        write(changes -> changes.delete(nicknames, OWNER, "a"));
        assertThat(get("a")).isNull();
        assertThat(lookUps).hasValue(1);
    }

    @Test
    void nothingIsLeftOfAnOwnerWhoseRowsAreDeleted() {
        write(changes -> changes.put(nicknames, OWNER, "a", "one"));
        assertThat(get("a")).isEqualTo("one");
        write(changes -> changes.deleteAll(nicknames, OWNER));

        assertThat(get("a")).isNull();
    }

    @Test
    void rowsUsedLastAreKept() {
        get("a");
        get("b");
        get("a");
        get("c");
        get("a");
        assertThat(lookUps).hasValue(3);
        get("b");
        assertThat(lookUps).hasValue(4);
    }

    @Test
    void largeValueIsReadAgain() {
        String large = "x".repeat(RowCache.MAX_VALUE_BYTES);
        get("a");
        write(changes -> changes.put(nicknames, OWNER, "a", large));

        assertThat(get("a")).isEqualTo(large);
        assertThat(get("a")).isEqualTo(large);
        assertThat(lookUps).hasValue(3);
    }
}
