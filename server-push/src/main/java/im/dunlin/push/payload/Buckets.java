// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

/** The lengths that encrypted pushes have: which of them says little of what is in it. */
enum Buckets {
    /** Calls are small, and so look alike. */
    CALL(256, 512),
    /** As much as APNs and FCM have room for; the first takes what people mostly write. */
    TOKEN(512, 1024, 1536, 2048, 2560),
    /** As much as a push service of RFC 8030 must take. */
    WEB_PUSH(512, 1024, 1536, 2048, 2560, 3072, 3584, 3994);

    private final int[] lengths;

    Buckets(int... lengths) {
        this.lengths = lengths;
    }

    /** Those for a notice, of those that its way has. */
    Buckets of(Notice notice) {
        return switch (notice.noticeClass()) {
            case CALL, CALL_END -> CALL;
            default -> this;
        };
    }

    /**
     * The longest record that there is room for.
     *
     * @return 0 if there is none
     */
    int longestWithin(int room) {
        int longest = 0;
        for (int length : lengths) {
            longest = length <= room ? length : longest;
        }
        return longest;
    }

    /** The record for a content, which ends with a byte of its own. */
    int lengthOf(int content) {
        for (int length : lengths) {
            if (content < length) {
                return length;
            }
        }
        throw new IllegalArgumentException(content + " bytes are too many");
    }
}
