// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The few rows that belong to no slot and are hardly ever written: who this store is, its format, its epochs, the
 * server's secrets. Every write is on disk before it returns, so none of this is for a lane. A module with more to keep
 * declares a table of its own and uses {@link OwnerKey#CLUSTER}. Any thread.
 */
public final class Cluster {
    private static final TableSpec<String, byte[]> ROWS =
            new TableSpec<>("cluster", Shape.POINT, Keys.TEXT, Values.BYTES);
    private static final TableSpec<Long, Epoch> EPOCHS =
            new TableSpec<>("cluster-epochs", Shape.POINT, Keys.NUMBER, Epoch.CODEC);

    private static final String FORMAT = "format";
    private static final String STORE_ID = "store-id";
    private static final String SERVER_ID = "server-id";
    private static final String SECRET = "secret.";

    private final Store store;
    private final Table<String, byte[]> rows;
    private final Table<Long, Epoch> epochs;

    /** For stores, which call {@link #prepare} before anything else. */
    public Cluster(Store store) {
        this.store = store;
        rows = new Table<>(ROWS);
        epochs = new Table<>(EPOCHS);
    }

    /** Opens the tables, and gives a new store its identity and its format. */
    public void prepare(int format) {
        store.open(ROWS);
        store.open(EPOCHS);
        if (store.has(rows, OwnerKey.CLUSTER, FORMAT)) {
            return;
        }
        Changes changes = new Changes(store, OwnerKey.CLUSTER_SLOT);
        changes.put(rows, OwnerKey.CLUSTER, FORMAT, number(format));
        changes.put(rows, OwnerKey.CLUSTER, STORE_ID, text(UUID.randomUUID()));
        changes.put(rows, OwnerKey.CLUSTER, SERVER_ID, text(UUID.randomUUID()));
        write(changes);
    }

    /** The number of the format of everything on disk. */
    public int format() {
        return new KeyReader(row(FORMAT)).u16();
    }

    void setFormat(int format) {
        Changes changes = new Changes(store, OwnerKey.CLUSTER_SLOT);
        changes.put(rows, OwnerKey.CLUSTER, FORMAT, number(format));
        write(changes);
    }

    /** Of these very files: a restored copy has another. */
    public UUID storeId() {
        return uuid(STORE_ID);
    }

    /** Of the server, for as long as its data lives. */
    public UUID serverId() {
        return uuid(SERVER_ID);
    }

    /** What was lost when, the oldest first. */
    public synchronized List<Epoch> epochs() {
        List<Epoch> found = new ArrayList<>();
        try (Scan<Long, Epoch> scan = store.scan(epochs, OwnerKey.CLUSTER, Range.all(), Direction.FORWARD)) {
            scan.forEachRemaining(row -> found.add(row.value()));
        }
        return found;
    }

    /** Notes a loss, and makes this a store of its own. */
    public synchronized void addEpoch(Epoch epoch) {
        Row<Long, Epoch> last = store.first(epochs, OwnerKey.CLUSTER, Range.all(), Direction.BACKWARD);
        Changes changes = new Changes(store, OwnerKey.CLUSTER_SLOT);
        changes.put(epochs, OwnerKey.CLUSTER, last == null ? 1 : last.key() + 1, epoch);
        changes.put(rows, OwnerKey.CLUSTER, STORE_ID, text(UUID.randomUUID()));
        write(changes);
    }

    /** A secret of this server: 32 random bytes, made when first asked for and the same ever after. */
    public synchronized byte[] secret(String name) {
        byte @Nullable [] known = store.get(rows, OwnerKey.CLUSTER, SECRET + name);
        if (known != null) {
            return known;
        }
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        Changes changes = new Changes(store, OwnerKey.CLUSTER_SLOT);
        changes.put(rows, OwnerKey.CLUSTER, SECRET + name, secret);
        write(changes);
        return secret;
    }

    private void write(Changes changes) {
        store.write(changes.toBatch());
        store.sync(true);
    }

    private static byte[] number(int format) {
        return new KeyWriter().u16(format).toBytes();
    }

    private static byte[] text(UUID id) {
        return id.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] row(String name) {
        byte @Nullable [] value = store.get(rows, OwnerKey.CLUSTER, name);
        if (value == null) {
            throw new CorruptionException("table cluster: no row " + name);
        }
        return value;
    }

    private UUID uuid(String name) {
        return UUID.fromString(new String(row(name), StandardCharsets.US_ASCII));
    }
}
