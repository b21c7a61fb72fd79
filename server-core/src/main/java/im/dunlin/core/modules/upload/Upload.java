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
 * @param received whether it has come
 */
record Upload(String account, String name, String type, long size, long slotUntil, long fileUntil, boolean received) {
    static final ValueCodec<Upload> CODEC = Values.versioned(
            1,
            (out, upload) -> out.text(upload.account)
                    .text(upload.name)
                    .text(upload.type)
                    .varint(upload.size)
                    .varint(upload.slotUntil)
                    .varint(upload.fileUntil)
                    .bool(upload.received),
            Upload::read);

    private static Upload read(ValueReader in) {
        return new Upload(in.text(), in.text(), in.text(), in.varint(), in.varint(), in.varint(), in.bool());
    }

    Upload whenReceived() {
        return new Upload(account, name, type, size, slotUntil, fileUntil, true);
    }
}
