// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.util.regex.Pattern;

/**
 * A table as its module declares it.
 *
 * @param name written to disk and never reused, also after the table was retired; lower case letters, digits and
 *     hyphens
 * @param shape how the table is used; part of what is on disk, so that a change is an error at {@link Store#open}
 * @param keys the part of the key after the owner
 * @param values each value begins with the version of its format
 */
public record TableSpec<K, V>(String name, Shape shape, KeyCodec<K> keys, ValueCodec<V> values) {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");

    public TableSpec {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("table name: " + name + " (expected: " + NAME + ")");
        }
    }
}
