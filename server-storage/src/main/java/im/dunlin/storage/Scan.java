// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a scan, read one by one, as they were when it was opened: rows that are put or deleted meanwhile change
 * nothing. To be closed; for one thread.
 */
public final class Scan<K, V> implements Iterator<Row<K, V>>, AutoCloseable {
    private final Table<K, V> table;
    private final Cursor cursor;
    private @Nullable Row<K, V> next;

    Scan(Table<K, V> table, Cursor cursor) {
        this.table = table;
        this.cursor = cursor;
    }

    @Override
    public boolean hasNext() {
        if (next == null && cursor.next()) {
            next = table.row(cursor.key(), cursor.value());
        }
        return next != null;
    }

    @Override
    public Row<K, V> next() {
        Row<K, V> row = hasNext() ? next : null;
        if (row == null) {
            throw new NoSuchElementException();
        }
        next = null;
        return row;
    }

    /** The rows that follow, at most so many. */
    public List<Row<K, V>> take(int limit) {
        List<Row<K, V>> rows = new ArrayList<>();
        while (rows.size() < limit && hasNext()) {
            rows.add(next());
        }
        return rows;
    }

    @Override
    public void close() {
        cursor.close();
    }
}
