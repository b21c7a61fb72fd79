// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What a set of entries is, in two numbers: how many, and the sum modulo 2^64 of a hash of each entry's id and change stamp.
 *
 * <p>The hash is the first eight bytes of SHA-256 over the two numbers, eight bytes big endian each. Two sides that have the
 * same digest have the same entries in the same state. Content is not part of it.
 */
public record Digest(long count, long sum) {
    public static final Digest EMPTY = new Digest(0, 0);

    /** About twelve days: the entries of a bucket have ids that differ in the low 40 bits only. */
    private static final int BUCKET_BITS = 40;

    static long bucketOf(long id) {
        return id >>> BUCKET_BITS;
    }

    /** The least id of a bucket. */
    static long firstOf(long bucket) {
        return bucket << BUCKET_BITS;
    }

    Digest plus(long id, long changed) {
        return new Digest(count + 1, sum + hash(id, changed));
    }

    Digest minus(long id, long changed) {
        return new Digest(count - 1, sum - hash(id, changed));
    }

    private static long hash(long id, long changed) {
        try {
            byte[] numbers =
                    ByteBuffer.allocate(16).putLong(id).putLong(changed).array();
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(numbers))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
