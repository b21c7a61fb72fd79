// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

/**
 * Names a value that is kept beside the lane for an owner, so that a turn need not read it again.
 *
 * <p>Compared by identity: each use is one constant. Cached values must be immutable; a turn that changes what a value
 * was read from calls {@link Turn#forget}.
 */
public final class CacheKey<T> {
    private final String name;

    public CacheKey(String name) {
        this.name = name;
    }

    @Override
    public String toString() {
        return name;
    }
}
