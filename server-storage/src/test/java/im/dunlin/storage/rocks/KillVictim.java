// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import im.dunlin.storage.Changes;
import im.dunlin.storage.Durability;
import im.dunlin.storage.GroupSync;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.SampleTables;
import im.dunlin.storage.Table;
import java.nio.file.Path;

/** A process to be killed: two lanes write numbers, each to two tables, and each number is said when it is released. */
final class KillVictim {
    private KillVictim() {}

    public static void main(String[] arguments) {
        RocksStore store = RocksStore.open(Path.of(arguments[0]), RocksSettings.DEFAULT.withMemory(4 << 20, 2 << 20));
        GroupSync sync = new GroupSync(
                store,
                Durability.valueOf(arguments[1]),
                failure -> Runtime.getRuntime().halt(3));
        for (int lane = 0; lane < 2; lane++) {
            int slot = lane;
            new Thread(() -> write(store, sync, slot)).start();
        }
    }

    private static void write(RocksStore store, GroupSync sync, int slot) {
        Table<String, String> nicknames = store.open(SampleTables.NICKNAMES);
        Table<Long, byte[]> waiting = store.open(SampleTables.WAITING);
        OwnerKey owner = new OwnerKey(slot, 1);
        for (long number = 0; ; number++) {
            long written = number;
            Changes changes = new Changes(store, slot);
            changes.put(nicknames, owner, "n" + number, "x".repeat(200));
            changes.put(waiting, owner, number, new byte[100]);
            store.write(changes.toBatch());
            sync.submit(true, () -> System.out.println(slot + " " + written));
        }
    }
}
