// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/** Codecs of the simple keys. */
public final class Keys {
    /** One text. */
    public static final KeyCodec<String> TEXT = new KeyCodec<>() {
        @Override
        public void write(String key, KeyWriter out) {
            out.text(key);
        }

        @Override
        public String read(KeyReader in) {
            return in.text();
        }
    };

    /** One unsigned number, the smallest first. */
    public static final KeyCodec<Long> NUMBER = new KeyCodec<>() {
        @Override
        public void write(Long key, KeyWriter out) {
            out.u64(key);
        }

        @Override
        public Long read(KeyReader in) {
            return in.u64();
        }
    };

    /** No key besides the owner: each owner has at most one row. */
    public static final KeyCodec<Single> SINGLE = new KeyCodec<>() {
        @Override
        public void write(Single key, KeyWriter out) {}

        @Override
        public Single read(KeyReader in) {
            return Single.ROW;
        }
    };

    private Keys() {}

    /** The only key of a table with one row an owner. */
    public enum Single {
        ROW
    }
}
