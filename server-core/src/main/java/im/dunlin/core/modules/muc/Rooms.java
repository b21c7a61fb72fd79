// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;

/** What all rooms share. */
final class Rooms {
    private final Setup setup;
    private final RoomTables tables;
    private final OccupantIds ids;
    private final RoomDirectory directory = new RoomDirectory();

    Rooms(Setup setup) {
        this.setup = setup;
        tables = new RoomTables(setup);
        ids = new OccupantIds(setup.secret("occupant-ids"));
    }

    Room of(Turn turn) {
        return new Room(this, turn);
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
    im.dunlin.core.config.ArchiveRetention retention(Turn turn) {
        return setup.config().host(host(turn)).retention();
    }
}
