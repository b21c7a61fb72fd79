// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.upload;

import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.Values;

/**
 * What one account has uploaded or may: open slots count in full.
 *
 * @param files that are there
 * @param bytes of these
 * @param day of the last slot, in days since 1970
 * @param dayBytes of all slots of that day
 */
record Usage(long files, long bytes, long day, long dayBytes) {
    static final Usage NOTHING = new Usage(0, 0, 0, 0);

    static final ValueCodec<Usage> CODEC = Values.versioned(
            1,
            (out, usage) -> out.varint(usage.files)
                    .varint(usage.bytes)
                    .varint(usage.day)
                    .varint(usage.dayBytes),
            in -> new Usage(in.varint(), in.varint(), in.varint(), in.varint()));

    Usage with(long size, long today) {
        return new Usage(files + 1, bytes + size, today, (today == day ? dayBytes : 0) + size);
    }

    Usage without(long size) {
        return new Usage(Math.max(0, files - 1), Math.max(0, bytes - size), day, dayBytes);
    }
}
