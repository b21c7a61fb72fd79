// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/**
 * Writes the part of a key after its owner, so that the order of the bytes is the order in which a scan should give the
 * rows. {@code read} takes exactly what {@code write} wrote. Stateless; any thread. Ready ones are in {@link Keys}.
 */
public interface KeyCodec<K> {
    void write(K key, KeyWriter out);

    /** @throws CorruptionException when the bytes are none that {@link #write} makes */
    K read(KeyReader in);
}
