// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaCodec;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.Values;

/**
 * What was said in a room.
 *
 * @param author whose occupant said it
 * @param message as everybody was sent it, but for its id in the archive and its receiver
 */
public record RoomMessage(BareJid author, Message message) {
    static final ValueCodec<RoomMessage> CODEC = Values.versioned(
            1,
            (out, each) -> {
                out.text(each.author.toString());
                StanzaCodec.write(out, each.message);
            },
            in -> new RoomMessage((BareJid) Jid.prepared(in.text()), (Message) StanzaCodec.read(in)));
}
