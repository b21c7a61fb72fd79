// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.memory;

import im.dunlin.storage.Store;
import im.dunlin.storage.StoreContract;

class MemoryStoreTest extends StoreContract {
    @Override
    protected Store makeStore() {
        return new MemoryStore();
    }
}
