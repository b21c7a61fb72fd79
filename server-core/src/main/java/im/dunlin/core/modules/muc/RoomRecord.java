// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.Values;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a room is.
 *
 * @param jid so that the row can be read without its owner
 * @param creator whose rooms are counted
 * @param isLocked until its owner has said how it is to be (XEP-0045 §10.1.2)
 */
record RoomRecord(BareJid jid, BareJid creator, boolean isLocked, RoomConfig config, Subject subject) {
    /**
     * @param by the nickname of who set it; null if nobody has
     * @param occupant the occupant id of who set it
     */
    record Subject(
            String text, @Nullable String by, @Nullable String occupant, Instant at) {
        static final Subject NONE = new Subject("", null, null, Instant.EPOCH);
    }

    static final ValueCodec<RoomRecord> CODEC = Values.versioned(
            1,
            (out, room) -> out.text(room.jid.toString())
                    .text(room.creator.toString())
                    .bool(room.isLocked)
                    .bytes(RoomConfig.CODEC.write(room.config))
                    .text(room.subject.text())
                    .nullableText(room.subject.by())
                    .nullableText(room.subject.occupant())
                    .varint(room.subject.at().toEpochMilli()),
            in -> new RoomRecord(
                    (BareJid) Jid.prepared(in.text()),
                    (BareJid) Jid.prepared(in.text()),
                    in.bool(),
                    RoomConfig.CODEC.read(in.bytes()),
                    new Subject(in.text(), in.nullableText(), in.nullableText(), Instant.ofEpochMilli(in.varint()))));

    RoomRecord unlocked() {
        return new RoomRecord(jid, creator, false, config, subject);
    }

    RoomRecord with(RoomConfig changed) {
        return new RoomRecord(jid, creator, isLocked, changed, subject);
    }

    RoomRecord with(Subject changed) {
        return new RoomRecord(jid, creator, isLocked, config, changed);
    }
}
