// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

/** Memory of the store, shared by all its tables. */
public record StorageConfig(
        @Setting(
                says = "Memory for what was read from the disk and what goes there, outside the Java heap.",
                byDefault = "128MiB",
                min = 1 << 20,
                max = 1L << 40,
                bytes = true)
        long cacheBytes,

        @Setting(
                says = "How much of it may hold what goes to the disk.",
                byDefault = "48MiB",
                min = 1 << 20,
                max = 1L << 40,
                bytes = true)
        long writeBufferBytes,

        @Setting(
                says = "Room on the disk that uploaded files leave free; below, no more are taken.",
                byDefault = "1GiB",
                max = 1L << 50,
                bytes = true)
        long keepFreeBytes)
        implements Checked {

    @Override
    public void check(Report report) {
        if (writeBufferBytes > cacheBytes) {
            report.wrong("writeBufferBytes", writeBufferBytes + " (expected: at most cacheBytes, " + cacheBytes + ")");
        }
    }
}
