// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/** Tables as a module would declare them, for tests. */
public final class SampleTables {
    public static final TableSpec<String, String> NICKNAMES =
            new TableSpec<>("sample-nicknames", Shape.POINT, Keys.TEXT, Values.TEXT);

    public static final TableSpec<Entry, String> ENTRIES = new TableSpec<>(
            "sample-entries",
            Shape.LOG,
            new KeyCodec<>() {
                @Override
                public void write(Entry key, KeyWriter out) {
                    out.text(key.peer).u64(key.id);
                }

                @Override
                public Entry read(KeyReader in) {
                    return new Entry(in.text(), in.u64());
                }
            },
            Values.TEXT);

    public static final TableSpec<Long, byte[]> WAITING =
            new TableSpec<>("sample-waiting", Shape.QUEUE, Keys.NUMBER, Values.BYTES);

    private SampleTables() {}

    public record Entry(String peer, long id) {}
}
