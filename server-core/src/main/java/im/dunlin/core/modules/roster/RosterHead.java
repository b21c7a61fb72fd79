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
 */
record RosterHead(long version, long floor, int items, int removals, int requests) {
    static final RosterHead EMPTY = new RosterHead(0, 0, 0, 0, 0);

    static final ValueCodec<RosterHead> CODEC = Values.versioned(1, RosterHead::write, RosterHead::read);

    RosterHead changed(long newVersion, int moreItems, int moreRemovals) {
        return new RosterHead(newVersion, floor, items + moreItems, removals + moreRemovals, requests);
    }

    RosterHead forgotten(int forgottenRemovals, long newFloor) {
        return new RosterHead(version, newFloor, items, removals - forgottenRemovals, requests);
    }

    RosterHead requests(int more) {
        return new RosterHead(version, floor, items, removals, requests + more);
    }

    private static void write(ValueWriter out, RosterHead head) {
        out.fixed64(head.version)
                .fixed64(head.floor)
                .varint(head.items)
                .varint(head.removals)
                .varint(head.requests);
    }

    private static RosterHead read(ValueReader in) {
        return new RosterHead(in.fixed64(), in.fixed64(), in.size(), in.size(), in.size());
    }
}
