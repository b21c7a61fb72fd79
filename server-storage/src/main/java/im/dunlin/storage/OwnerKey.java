// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/**
 * Where an owner's rows live: the first ten bytes of every key. An owner is an account, a room, a pubsub node or a
 * service.
 *
 * @param slot 0 to 1,023 from {@link Slots#of}, or {@link #CLUSTER_SLOT}; two bytes of the key
 * @param number given to the owner when it was made and never reused within the slot, so that a name that is deleted
 *     and made again never meets old rows; read as unsigned, eight bytes of the key. Number 0 holds the slot's own
 *     rows: directory, outbox, marks, timers.
 */
public record OwnerKey(int slot, long number) {
    /** How many bytes of a key the owner takes. */
    public static final int BYTES = 10;

    /** Beside the slots, for the few rows that belong to no owner: configuration, certificates, secrets, domains. */
    public static final int CLUSTER_SLOT = 0xFFFF;

    public static final OwnerKey CLUSTER = new OwnerKey(CLUSTER_SLOT, 0);

    public OwnerKey {
        if ((slot < 0 || slot >= Slots.COUNT) && slot != CLUSTER_SLOT) {
            throw new IllegalArgumentException("slot: " + slot + " (expected: 0 to " + (Slots.COUNT - 1) + ")");
        }
        if (slot == CLUSTER_SLOT && number != 0) {
            throw new IllegalArgumentException("number beside the slots: " + number + " (expected: 0)");
        }
    }

    /** The owner of a slot's own rows. */
    public static OwnerKey ofSlot(int slot) {
        return new OwnerKey(slot, 0);
    }

    static OwnerKey read(KeyReader in) {
        int slot = in.u16();
        long number = in.u64();
        if (slot >= Slots.COUNT && (slot != CLUSTER_SLOT || number != 0)) {
            throw new CorruptionException("a key with slot " + slot + " and owner " + Long.toUnsignedString(number));
        }
        return new OwnerKey(slot, number);
    }

    byte[] toBytes() {
        return new KeyWriter().u16(slot).u64(number).toBytes();
    }

    void write(KeyWriter out) {
        out.u16(slot).u64(number);
    }
}
