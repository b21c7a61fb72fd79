// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/**
 * Writes the value of a row. The first byte is the version of the format; a codec reads all versions that were ever
 * released. Stateless; any thread. Ready ones, and the way to write one for a record, are in {@link Values}.
 */
public interface ValueCodec<V> {
    byte[] write(V value);

    /** @throws CorruptionException when the bytes are none that {@link #write} makes, in any version */
    V read(byte[] value);
}
