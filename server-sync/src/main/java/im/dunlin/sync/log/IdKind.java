// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

/** Which of a message's ids to look for. */
public enum IdKind {
    /** XEP-0359 origin-id. */
    ORIGIN(1),
    /** The id attribute. */
    STANZA(1 << 1),
    /** The id of the peer's archive. */
    FOREIGN(1 << 2);

    private final int bit;

    IdKind(int bit) {
        this.bit = bit;
    }

    /** Its bit on disk. */
    int bit() {
        return bit;
    }
}
