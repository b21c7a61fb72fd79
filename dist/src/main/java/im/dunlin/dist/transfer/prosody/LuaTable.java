// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.transfer.prosody;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table of data. Keys and values are {@link String}, {@link Long}, {@link Double}, {@link Boolean} or tables; what has no key has
 * the next number, from 1 on. Immutable once it is read.
 */
final class LuaTable {
    private final Map<Object, Object> entries = new LinkedHashMap<>();
    private long next = 1;

    void add(Object value) {
        entries.put(next++, value);
    }

    void put(Object key, Object value) {
        entries.put(key, value);
    }

    /** In the order in which they are written. */
    Map<Object, Object> entries() {
        return Collections.unmodifiableMap(entries);
    }

    @Nullable
    Object get(Object key) {
        return entries.get(key);
    }

    /** Null if there is none, or it is no text. */
    @Nullable
    String text(Object key) {
        return entries.get(key) instanceof String text ? text : null;
    }

    @Nullable
    LuaTable table(Object key) {
        return entries.get(key) instanceof LuaTable table ? table : null;
    }

    /** Null if there is none. A time may have a fraction. */
    @Nullable
    Double number(Object key) {
        return entries.get(key) instanceof Number number ? number.doubleValue() : null;
    }

    /** The values of 1, 2, 3 and so on. */
    List<Object> sequence() {
        List<Object> values = new ArrayList<>();
        for (Object value = entries.get(1L); value != null; value = entries.get(values.size() + 1L)) {
            values.add(value);
        }
        return values;
    }
}
