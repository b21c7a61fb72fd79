// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.storage.memory.MemoryStore;
import org.junit.jupiter.api.Test;

class FaultyStoreTest extends StoreContract {
    private static final OwnerKey OWNER = new OwnerKey(1, 1);

    private final FaultyStore store = new FaultyStore(MemoryStore::new);
    private final Table<String, String> table = store.open(SampleTables.NICKNAMES);

    @Override
    protected Store makeStore() {
        return new FaultyStore(MemoryStore::new);
    }

    private void put(String key) {
        Changes changes = new Changes(store, OWNER.slot());
        changes.put(table, OWNER, key, key);
        store.write(changes.toBatch());
    }

    private boolean has(String key) {
        return store.has(table, OWNER, key);
    }

    @Test
    void endOfTheProcessTakesWhatTheSystemNeverGot() {
        put("synced");
        store.sync(true);
        put("flushed");
        store.sync(false);
        put("written");
        store.crash(FaultyStore.Crash.PROCESS);

        assertThat(has("flushed")).isTrue();
        assertThat(has("written")).isFalse();
    }

    @Test
    void endOfTheMachineTakesWhatTheDiskNeverGot() {
        put("synced");
        store.sync(true);
        put("flushed");
        store.sync(false);
        store.crash(FaultyStore.Crash.MACHINE);

        assertThat(has("synced")).isTrue();
        assertThat(has("flushed")).isFalse();
    }

    @Test
    void chosenWriteAndAllLaterOnesFail() {
        put("before");
        store.failAtWrite(1);
        put("next");

        assertThatThrownBy(() -> put("chosen")).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> put("later")).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.sync(true)).isInstanceOf(StoreException.class);
        assertThat(has("next")).isTrue();
        assertThat(has("chosen")).isFalse();
    }

    @Test
    void writeOfUnknownOutcomeMayBeThereAfterwards() {
        store.failBehindWrite(0);
        assertThatThrownBy(() -> put("chosen")).isInstanceOf(StoreException.class);
        store.crash(FaultyStore.Crash.MACHINE);

        assertThat(has("chosen")).isTrue();
    }

    @Test
    void chosenSyncKeepsNothing() {
        store.failAtSync(0);
        put("written");

        assertThatThrownBy(() -> store.sync(true)).isInstanceOf(StoreException.class);
        store.crash(FaultyStore.Crash.PROCESS);
        assertThat(has("written")).isFalse();
    }
}
