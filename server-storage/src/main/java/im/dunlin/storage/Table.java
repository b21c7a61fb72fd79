// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/** A table that a store has opened: its specification, and the way between typed rows and bytes. Any thread. */
public final class Table<K, V> {
    private final TableSpec<K, V> spec;

    /** For stores; everyone else gets a table from {@link Store#open}. */
    public Table(TableSpec<K, V> spec) {
        this.spec = spec;
    }

    public String name() {
        return spec.name();
    }

    public TableSpec<K, V> spec() {
        return spec;
    }

    /** The whole key of a row: owner, then the table's own part. */
    public byte[] key(OwnerKey owner, K key) {
        KeyWriter out = new KeyWriter();
        owner.write(out);
        spec.keys().write(key, out);
        return out.toBytes();
    }

    public byte[] value(V value) {
        return spec.values().write(value);
    }

    /** @throws CorruptionException naming the table when the value is none of this table */
    public V readValue(byte[] value) {
        try {
            return spec.values().read(value);
        } catch (CorruptionException e) {
            throw new CorruptionException("table " + name() + ": " + e.getMessage(), e);
        }
    }

    /** @throws CorruptionException naming the table when key or value are none of this table */
    public Row<K, V> row(byte[] key, byte[] value) {
        try {
            KeyReader in = new KeyReader(key);
            OwnerKey owner = OwnerKey.read(in);
            K own = spec.keys().read(in);
            in.end();
            return new Row<>(owner, own, spec.values().read(value));
        } catch (CorruptionException e) {
            throw new CorruptionException("table " + name() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return "table " + name();
    }
}
