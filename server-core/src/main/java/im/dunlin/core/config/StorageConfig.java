// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

/** Memory of the store, shared by all its tables. */
public record StorageConfig(
        @Setting(
                says = "Cache of blocks read from the disk.",
                byDefault = "64MiB",
                min = 1 << 20,
                max = 1L << 40,
                bytes = true)
        long cacheBytes,

        @Setting(
                says = "Writes kept in memory before they go to sorted files.",
                byDefault = "64MiB",
                min = 1 << 20,
                max = 1L << 40,
                bytes = true)
        long writeBufferBytes) {}
