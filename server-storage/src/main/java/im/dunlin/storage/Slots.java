// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/**
 * Which of the 1,024 slots an owner lives in. The slot decides the owner's lane, the range of its rows in every table,
 * and one day its machine; so the hash is a promise: changing it means moving every row (docs/adr/0001).
 */
public final class Slots {
    public static final int COUNT = 1024;

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Slots() {}

    /**
     * The slot of an owner's name: the low ten bits of FNV-1a (64 bit) over the name's UTF-8, mixed by the 64-bit
     * finaliser of MurmurHash3.
     *
     * @param bareJid the prepared bare JID (or other unique name of the owner); no lone surrogates
     */
    public static int of(String bareJid) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < bareJid.length(); ) {
            int c = bareJid.codePointAt(i);
            i += Character.charCount(c);
            if (c < 0x80) {
                hash = (hash ^ c) * FNV_PRIME;
                continue;
            }
            if (c < 0x800) {
                hash = (hash ^ (0xC0 | c >> 6)) * FNV_PRIME;
            } else {
                if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                    throw new IllegalArgumentException("lone surrogate in an owner's name");
                }
                if (c < 0x10000) {
                    hash = (hash ^ (0xE0 | c >> 12)) * FNV_PRIME;
                } else {
                    hash = (hash ^ (0xF0 | c >> 18)) * FNV_PRIME;
                    hash = (hash ^ (0x80 | c >> 12 & 0x3F)) * FNV_PRIME;
                }
                hash = (hash ^ (0x80 | c >> 6 & 0x3F)) * FNV_PRIME;
            }
            hash = (hash ^ (0x80 | c & 0x3F)) * FNV_PRIME;
        }
        hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
        hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
        return (int) (hash ^ hash >>> 33) & (COUNT - 1);
    }
}
