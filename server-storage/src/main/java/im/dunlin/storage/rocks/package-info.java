// SPDX-License-Identifier: Apache-2.0
/**
 * The store on disk: RocksDB, one column family a table. The only package that names {@code org.rocksdb}.
 *
 * <p>What it promises beyond the {@link im.dunlin.storage.Store} contract: one process at a time, a refusal instead of
 * a guess when the directory is newer than this program or has lost synced data, and backups that were read back.
 */
@NullMarked
package im.dunlin.storage.rocks;

import org.jspecify.annotations.NullMarked;
