// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which rooms there are, of all services, in memory: what is listed and counted must not be asked of each room. Made of the
 * rooms' rows at the start, and kept up by their turns. Any thread.
 */
final class RoomDirectory {
    /** @param name null unless it is listed */
    record Entry(BareJid jid, BareJid creator, @Nullable String name) {}

    private final Map<BareJid, Entry> rooms = new ConcurrentHashMap<>();

    void put(RoomRecord room) {
        boolean isListed = room.config().isPublic() && !room.isLocked();
        rooms.put(
                room.jid(),
                new Entry(room.jid(), room.creator(), isListed ? room.config().name() : null));
    }

    void remove(BareJid room) {
        rooms.remove(room);
    }

    int count(String domain) {
        return (int) rooms.keySet().stream()
                .filter(room -> room.domain().equals(domain))
                .count();
    }

    int countOf(BareJid creator) {
        return (int) rooms.values().stream()
                .filter(room -> room.creator().equals(creator))
                .count();
    }

    List<Entry> listed(String domain) {
        return rooms.values().stream()
                .filter(room -> room.name() != null && room.jid().domain().equals(domain))
                .sorted(Comparator.comparing(Entry::jid))
                .toList();
    }
}
