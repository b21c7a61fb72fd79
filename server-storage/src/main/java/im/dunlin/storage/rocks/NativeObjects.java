// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.StampedLock;

/**
 * Keeps native memory alive while somebody is in it: touching it after it was freed ends the process. Every call into
 * RocksDB holds this open for that moment; closing waits for those calls, then frees the scans and snapshots that were
 * left, and lets nobody in again.
 */
final class NativeObjects {
    private final StampedLock lock = new StampedLock();
    private final Set<Scan> scans = ConcurrentHashMap.newKeySet();
    private boolean closed;

    /** A scan or a snapshot: freed once, by its user or at closing. */
    interface Scan {
        void free();
    }

    /** Until {@link #letGo}. Not to be nested: with somebody closing in between, both would wait for ever. */
    long hold() {
        long hold = lock.readLock();
        if (closed) {
            lock.unlockRead(hold);
            throw new IllegalStateException("the store is closed");
        }
        return hold;
    }

    void letGo(long hold) {
        lock.unlockRead(hold);
    }

    /** While held. */
    void add(Scan scan) {
        scans.add(scan);
    }

    boolean isOpen(Scan scan) {
        return scans.contains(scan);
    }

    int count() {
        return scans.size();
    }

    /** Not while held. A second time does nothing. */
    void free(Scan scan) {
        long hold = lock.readLock();
        try {
            if (scans.remove(scan)) {
                scan.free();
            }
        } finally {
            lock.unlockRead(hold);
        }
    }

    /** Frees what is left; false when that was done before. */
    boolean close() {
        long all = lock.writeLock();
        try {
            if (closed) {
                return false;
            }
            closed = true;
            scans.forEach(Scan::free);
            scans.clear();
            return true;
        } finally {
            lock.unlockWrite(all);
        }
    }
}
