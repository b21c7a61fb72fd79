// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Table;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rooms, for modules that add to them. In turns of rooms. */
public interface RoomsView {
    /** What else a room can. */
    interface Extension {
        /** In the disco of this room. */
        Set<String> features(Turn room);

        /** What requests to a room it answers. */
        Set<Name> requests();

        /** @return the answer; null if it comes later */
        @Nullable
        Iq answer(Iq request, Jid from, Turn room);
    }

    void extend(Extension extension);

    /** Of each room, by their stamps, which are their ids in its archive. */
    Table<Long, RoomMessage> messages();

    /**
     * Whether somebody may read what was said: whoever is in the room, or could enter it without being asked for anything.
     *
     * @return null if not
     */
    @Nullable
    Reading reading(Jid asker, Turn room);

    /** How an asker sees what was said. By what it may see now, whatever was so then. */
    interface Reading {
        /** A message as it was sent, with its id in the archive. @param message as it is kept */
        Message shown(long stamp, RoomMessage message);
    }
}
