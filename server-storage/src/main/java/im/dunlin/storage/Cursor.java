// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/**
 * Rows as bytes, in order: what a store gives and {@link Scan} reads. Shows the rows as they were when it was opened.
 * Holds memory and files of the store until it is closed; for one thread.
 */
public interface Cursor extends AutoCloseable {
    /** Moves to the next row, at first to the first; false behind the last, however often it is asked. */
    boolean next();

    /** The current row's whole key. The caller does not change it. */
    byte[] key();

    /** The current row's value. The caller does not change it. */
    byte[] value();

    @Override
    void close();
}
