// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.testing;

import im.dunlin.storage.Store;
import im.dunlin.storage.Table;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Counts how often a store is read. What a tick reads by itself, at whatever time, is not counted. */
public final class ReadCount {
    private static final Set<String> READS = Set.of("get", "find", "has", "cursor", "scan", "first", "list");

    private static final Set<String> OF_TICKS = Set.of("outbox", "timers");

    private final AtomicLong reads = new AtomicLong();

    /** The same store, counted. */
    public Store of(Store store) {
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (p, method, args) -> {
                    if (READS.contains(method.getName()) && !OF_TICKS.contains(table(args[0]))) {
                        reads.incrementAndGet();
                    }
                    try {
                        return method.invoke(store, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static String table(Object argument) {
        return argument instanceof Table<?, ?> table ? table.name() : String.valueOf(argument);
    }

    public long reads() {
        return reads.get();
    }
}
