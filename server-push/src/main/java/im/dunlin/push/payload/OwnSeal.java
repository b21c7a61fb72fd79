// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/** Encrypts contents, mostly the {@link Contents} of a notice, for a {@link WebPushKey}, padded so that its length says little. Any thread. */
final class OwnSeal {
    private final WebPushSeal seal;

    OwnSeal(SecureRandom random) {
        seal = new WebPushSeal(random);
    }

    /**
     * @param room bytes that there are for the body
     * @return null if there is too little
     */
    byte @Nullable [] seal(
            Notice notice, Recipient recipient, WebPushKey key, long sequence, Buckets buckets, int room) {
        Buckets usual = buckets.of(notice);
        int longest = usual.longestWithin(room - WebPushSeal.OVERHEAD);
        byte[] contents = longest == 0 ? null : Contents.of(notice, recipient, sequence, longest - 1);
        return contents == null ? null : seal(contents, key, usual);
    }

    /** @param contents shorter than the longest of the buckets */
    byte[] seal(byte[] contents, WebPushKey key, Buckets buckets) {
        return seal.seal(key, contents, buckets.lengthOf(contents.length));
    }
}
