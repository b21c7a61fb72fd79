// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.config.ArchiveRetention;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.xml.Name;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What all rooms share. */
final class Rooms {
    private final Setup setup;
    private final RoomTables tables;
    private final OccupantIds ids;
    private final List<RoomsView.Extension> extensions = new ArrayList<>();
    private final RoomDirectory directory = new RoomDirectory();

    Rooms(Setup setup) {
        this.setup = setup;
        tables = new RoomTables(setup);
        ids = new OccupantIds(setup.secret("occupant-ids"));
    }

    Room of(Turn turn) {
        return new Room(this, turn);
    }

    void extend(RoomsView.Extension extension) {
        extensions.add(extension);
    }

    /** Who answers this request to a room; null if nobody does. */
    RoomsView.@Nullable Extension extension(Name request) {
        for (RoomsView.Extension extension : extensions) {
            if (extension.requests().contains(request)) {
                return extension;
            }
        }
        return null;
    }

    Set<String> features(Turn room) {
        Set<String> features = new TreeSet<>();
        extensions.forEach(extension -> features.addAll(extension.features(room)));
        return features;
    }

    RoomTables tables() {
        return tables;
    }

    OccupantIds ids() {
        return ids;
    }

    RoomDirectory directory() {
        return directory;
    }

    /** The host that the turn's service or room belongs to. */
    static String host(Turn turn) {
        String domain = turn.jid().domain();
        return domain.substring(domain.indexOf('.') + 1);
    }

    Options options(Turn turn) {
        return setup.config().host(host(turn)).options(MucModule.KEY, Options.class);
    }

    /** Of the archives of the host. */
    ArchiveRetention retention(Turn turn) {
        return setup.config().host(host(turn)).retention();
    }
}
