// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/**
 * A time of which the store has lost its memory: after a restore, or when its end was lost. A client whose stamp lies
 * inside may know changes that are gone, so it gets a full snapshot instead of a delta.
 *
 * @param lostFrom clock of the last moment that is surely there, microseconds since 1970
 * @param restored clock when the store went on, microseconds since 1970
 */
public record Epoch(long lostFrom, long restored) {
    static final ValueCodec<Epoch> CODEC = Values.versioned(
            1,
            (out, epoch) -> out.fixed64(epoch.lostFrom).fixed64(epoch.restored),
            in -> new Epoch(in.fixed64(), in.fixed64()));

    /** Whether a stamp of an account's clock may stand for something that is gone. */
    public boolean covers(long stamp) {
        return stamp > lostFrom && stamp <= restored;
    }
}
