// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaCodec;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;

/**
 * What waits for a session, and which clients need not be told of it.
 *
 * <pre>
 * archive-offline  not archived (0) or archived (1), id → sender, bytes, whether a stranger
 * archive-held     id                                   → a message that waits and is not in the archive
 * archive-clients  resource                             → when it last queried the archive
 * </pre>
 */
final class OfflineTables {
    record Place(boolean archived, long id) {}

    /** @param bytes that it counts towards the quota */
    record Waiting(BareJid sender, long bytes, boolean stranger) {}

    static final TableSpec<Place, Waiting> OFFLINE = new TableSpec<>(
            "archive-offline",
            Shape.QUEUE,
            new PlaceKeys(),
            Values.versioned(1, OfflineTables::write, OfflineTables::read));

    static final TableSpec<Long, Stanza> HELD =
            new TableSpec<>("archive-held", Shape.QUEUE, Keys.NUMBER, StanzaCodec.VALUE);

    static final TableSpec<String, Long> CLIENTS =
            new TableSpec<>("archive-clients", Shape.POINT, Keys.TEXT, Values.LONG);

    final Table<Place, Waiting> offline;
    final Table<Long, Stanza> held;
    final Table<String, Long> clients;

    OfflineTables(Setup setup) {
        offline = setup.table(OFFLINE);
        held = setup.table(HELD);
        clients = setup.table(CLIENTS);
    }

    private static void write(ValueWriter out, Waiting waiting) {
        out.text(waiting.sender().toString()).varint(waiting.bytes()).bool(waiting.stranger());
    }

    private static Waiting read(ValueReader in) {
        if (Jid.prepared(in.text()) instanceof BareJid sender) {
            return new Waiting(sender, in.varint(), in.bool());
        }
        throw new CorruptionException("a sender with a resource");
    }

    private static final class PlaceKeys implements KeyCodec<Place> {
        @Override
        public void write(Place key, KeyWriter out) {
            out.u8(key.archived() ? 1 : 0).u64(key.id());
        }

        @Override
        public Place read(KeyReader in) {
            return new Place(in.u8() == 1, in.u64());
        }
    }
}
