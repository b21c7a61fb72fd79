// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/**
 * Reads what was in the store when the snapshot was taken, for long reads off the lanes. Any thread. To be closed:
 * while it lives, the store keeps what is overwritten meanwhile.
 */
public interface Snapshot extends Reader, AutoCloseable {
    @Override
    void close();
}
