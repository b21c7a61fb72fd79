// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;

/**
 * What must be known of a roster without reading it.
 *
 * @param version of the last change; 0 before the first
 * @param floor deltas are complete from versions at or above this one
 * @param items in the roster
 * @param removals kept for deltas
 * @param requests that wait for the user's answer
 * @param bytes of all items together; {@link #UNKNOWN} in format 1, which did not count them
 */
record RosterHead(long version, long floor, int items, int removals, int requests, int bytes) {
    static final int UNKNOWN = -1;

    static final RosterHead EMPTY = new RosterHead(0, 0, 0, 0, 0, 0);

    static final ValueCodec<RosterHead> CODEC = Values.versioned(2, RosterHead::write, RosterHead::read);

    RosterHead changed(long newVersion, int moreItems, int moreRemovals, int moreBytes) {
        return new RosterHead(
                newVersion, floor, items + moreItems, removals + moreRemovals, requests, bytes + moreBytes);
    }

    RosterHead forgotten(int forgottenRemovals, long newFloor) {
        return new RosterHead(version, newFloor, items, removals - forgottenRemovals, requests, bytes);
    }

    RosterHead requests(int more) {
        return new RosterHead(version, floor, items, removals, requests + more, bytes);
    }

    RosterHead counted(int counted) {
        return new RosterHead(version, floor, items, removals, requests, counted);
    }

    private static void write(ValueWriter out, RosterHead head) {
        out.fixed64(head.version)
                .fixed64(head.floor)
                .varint(head.items)
                .varint(head.removals)
                .varint(head.requests)
                .varint(head.bytes + 1L);
    }

    private static RosterHead read(ValueReader in) {
        return new RosterHead(
                in.fixed64(),
                in.fixed64(),
                in.size(),
                in.size(),
                in.size(),
                in.version() == 1 ? UNKNOWN : in.size() - 1);
    }
}
