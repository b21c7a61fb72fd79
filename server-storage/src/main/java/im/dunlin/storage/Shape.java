// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/** How a table is used; the store derives its options for disk and memory from it. */
public enum Shape {
    /** Looked up by whole key. */
    POINT,
    /** Appended and read in ranges; values may be large. */
    LOG,
    /** Rows that live for seconds: outbox, marks, timers. */
    QUEUE
}
