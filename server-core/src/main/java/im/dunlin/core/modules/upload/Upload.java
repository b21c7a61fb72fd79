// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.upload;

import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.Values;

/**
 * A slot, and the file that came into it.
 *
 * @param account the local part of who asked for it
 * @param name of the file, as the client gave it
 * @param type of its content, as the client gave it
 * @param size in bytes
 * @param slotUntil until when the file may come, in seconds since 1970
 * @param fileUntil until when it may be fetched, in seconds since 1970
 * @param state what became of it
 */
record Upload(String account, String name, String type, long size, long slotUntil, long fileUntil, State state) {
    /** The ordinals are on disk. */
    enum State {
        /** The file may come. */
        SLOT,
        /** It has come. */
        RECEIVED,
        /** Nobody gets it any more; it lies where it lay until the row goes. */
        DELETED
    }

    static final ValueCodec<Upload> CODEC = Values.versioned(
            1,
            (out, upload) -> out.text(upload.account)
                    .text(upload.name)
                    .text(upload.type)
                    .varint(upload.size)
                    .varint(upload.slotUntil)
                    .varint(upload.fileUntil)
                    .u8(upload.state.ordinal()),
            Upload::read);

    private static Upload read(ValueReader in) {
        return new Upload(
                in.text(), in.text(), in.text(), in.varint(), in.varint(), in.varint(), State.values()[in.u8()]);
    }

    Upload as(State next) {
        return new Upload(account, name, type, size, slotUntil, fileUntil, next);
    }

    boolean isReceived() {
        return state == State.RECEIVED;
    }

    boolean isDeleted() {
        return state == State.DELETED;
    }
}
