// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/** One row of a table, read. */
public record Row<K, V>(OwnerKey owner, K key, V value) {}
