// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import org.jspecify.annotations.Nullable;

/**
 * A namespace and a local name; an element or attribute without namespace has the empty one.
 *
 * <p>Names that are used often are usually one object, so that comparing them mostly compares
 * references; equality never depends on it.
 */
public final class Name {
    private static final int MAX_SHARED_LENGTH = 200;

    /**
     * The last name seen for each hash: bounded by its length, and correct without locks because a name
     * is immutable and a lost entry costs one allocation.
     */
    private static final @Nullable Name[] SHARED = new @Nullable Name[2048];

    private final String namespace;
    private final String local;
    private final int hash;

    private Name(String namespace, String local, int hash) {
        this.namespace = namespace;
        this.local = local;
        this.hash = hash;
    }

    public static Name of(String namespace, String local) {
        int hash = 31 * namespace.hashCode() + local.hashCode();
        int slot = (hash ^ hash >>> 16) & (SHARED.length - 1);
        Name known = SHARED[slot];
        if (known != null && known.hash == hash && known.local.equals(local) && known.namespace.equals(namespace)) {
            return known;
        }
        Name name = new Name(namespace, local, hash);
        if (namespace.length() + local.length() <= MAX_SHARED_LENGTH) {
            SHARED[slot] = name;
        }
        return name;
    }

    public String namespace() {
        return namespace;
    }

    public String local() {
        return local;
    }

    public boolean is(String namespace, String local) {
        return this.local.equals(local) && this.namespace.equals(namespace);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof Name name
                        && hash == name.hash
                        && local.equals(name.local)
                        && namespace.equals(name.namespace);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** The form {@code {namespace}local}, for messages and logs. */
    @Override
    public String toString() {
        return '{' + namespace + '}' + local;
    }
}
