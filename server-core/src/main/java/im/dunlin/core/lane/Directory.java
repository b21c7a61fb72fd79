// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import im.dunlin.core.jid.BareJid;
import im.dunlin.storage.Changes;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Keys;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Slots;
import im.dunlin.storage.Store;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who is who: name to owner number, per slot.
 *
 * <pre>
 * directory   slot · 0 · bare JID   → kind, number | reserved until
 * numbers     slot · 0              → last number given in this slot
 * clocks      slot · number         → a bound that the owner's clock has never passed, µs (DESIGN D5)
 * </pre>
 */
final class Directory {
    /** A name that is taken by an owner, or (number 0) reserved after its owner was removed. */
    record Entry(int kind, long number, long reservedUntilMicros) {}

    static final TableSpec<BareJid, Entry> DIRECTORY = new TableSpec<>(
            "directory", Shape.POINT, new NameKeys(), Values.versioned(1, Directory::write, Directory::read));
    static final TableSpec<Keys.Single, Long> NUMBERS =
            new TableSpec<>("numbers", Shape.POINT, Keys.SINGLE, Values.LONG);
    static final TableSpec<Keys.Single, Long> CLOCKS = new TableSpec<>("clocks", Shape.POINT, Keys.SINGLE, Values.LONG);

    private final Table<BareJid, Entry> names;
    private final Table<Keys.Single, Long> numbers;
    private final Table<Keys.Single, Long> clocks;

    Directory(Store store) {
        names = store.open(DIRECTORY);
        numbers = store.open(NUMBERS);
        clocks = store.open(CLOCKS);
    }

    Table<Keys.Single, Long> clocks() {
        return clocks;
    }

    Table<BareJid, Entry> names() {
        return names;
    }

    static int slotOf(BareJid jid) {
        return Slots.of(jid.toString());
    }

    OwnerState load(Reader reader, BareJid jid) {
        int slot = slotOf(jid);
        Entry entry = reader.get(names, new OwnerKey(slot, 0), jid);
        if (entry == null) {
            return new OwnerState(null, Instant.MIN, 0);
        }
        if (entry.number() == 0) {
            return new OwnerState(null, Micros.toInstant(entry.reservedUntilMicros()), 0);
        }
        OwnerKey key = new OwnerKey(slot, entry.number());
        Long clock = reader.get(clocks, key, Keys.Single.ROW);
        Owner owner = new Owner(jid, OwnerKind.of(entry.kind()), key);
        boolean isIncoming = owner.kind() == OwnerKind.INCOMING;
        OwnerState state = new OwnerState(isIncoming ? null : owner, Instant.MIN, clock == null ? 0 : clock);
        state.incoming = isIncoming ? owner : null;
        return state;
    }

    Owner create(Changes changes, BareJid jid, OwnerKind kind) {
        OwnerKey slot = new OwnerKey(slotOf(jid), 0);
        Long last = changes.get(numbers, slot, Keys.Single.ROW);
        long number = last == null ? 1 : last + 1;
        changes.put(numbers, slot, Keys.Single.ROW, number);
        changes.put(names, slot, jid, new Entry(kind.code(), number, 0));
        return new Owner(jid, kind, new OwnerKey(slot.slot(), number));
    }

    /** The same owner, with its rows, as one of another kind. */
    Owner change(Changes changes, Owner owner, OwnerKind kind) {
        OwnerKey slot = new OwnerKey(owner.key().slot(), 0);
        changes.put(names, slot, owner.jid(), new Entry(kind.code(), owner.key().number(), 0));
        return new Owner(owner.jid(), kind, owner.key());
    }

    /** @param reservedUntil until when the name is not given away; not in the future: it is free */
    void remove(Changes changes, Owner owner, Instant reservedUntil, Instant now) {
        OwnerKey slot = new OwnerKey(owner.key().slot(), 0);
        if (reservedUntil.isAfter(now)) {
            changes.put(names, slot, owner.jid(), new Entry(owner.kind().code(), 0, Micros.of(reservedUntil)));
        } else {
            changes.delete(names, slot, owner.jid());
        }
        changes.delete(clocks, owner.key(), Keys.Single.ROW);
    }

    @Nullable
    Owner ownerOf(BareJid jid, Entry entry) {
        return entry.number() == 0
                ? null
                : new Owner(jid, OwnerKind.of(entry.kind()), new OwnerKey(slotOf(jid), entry.number()));
    }

    private static void write(ValueWriter out, Entry entry) {
        out.varint(entry.kind()).varint(entry.number()).varint(entry.reservedUntilMicros());
    }

    private static Entry read(ValueReader in) {
        return new Entry((int) in.varint(), in.varint(), in.varint());
    }

    private static final class NameKeys implements KeyCodec<BareJid> {
        @Override
        public void write(BareJid key, KeyWriter out) {
            out.text(key.toString());
        }

        @Override
        public BareJid read(KeyReader in) {
            return (BareJid) im.dunlin.core.jid.Jid.of(in.text());
        }
    }
}
