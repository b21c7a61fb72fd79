// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

/**
 * Names a value that an owner has in memory only, such as who is in a room: unlike a cached value it cannot be read again, so
 * it is kept until it is taken away, and lost with the process.
 *
 * <p>Compared by identity: each use is one constant. Values must be immutable.
 */
public final class HeldKey<T> {
    private final String name;

    public HeldKey(String name) {
        this.name = name;
    }

    @Override
    public String toString() {
        return name;
    }
}
