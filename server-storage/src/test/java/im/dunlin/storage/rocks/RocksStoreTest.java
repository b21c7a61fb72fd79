// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import im.dunlin.storage.Store;
import im.dunlin.storage.StoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class RocksStoreTest extends StoreContract {
    @TempDir
    private Path directory;

    @Override
    protected Store makeStore() {
        return RocksStore.open(directory.resolve("store"), RocksSettings.DEFAULT);
    }
}
