// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.session;

/** Names an attribute of a session. Compared by identity: each use is one constant. Values must be immutable. */
public final class SessionKey<T> {
    private final String name;

    public SessionKey(String name) {
        this.name = name;
    }

    @Override
    public String toString() {
        return name;
    }
}
