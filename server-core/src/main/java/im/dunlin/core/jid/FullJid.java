// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import org.jspecify.annotations.Nullable;

/** An address with a resource: a connected client, an occupant of a room, a part of a service. */
public final class FullJid implements Jid {
    private final BareJid bare;
    private final String text;

    /** The resource must be prepared. */
    FullJid(BareJid bare, String resource) {
        this.bare = bare;
        this.text = bare.toString() + '/' + resource;
    }

    /** As {@link Jid#of}, for text that is known to have a resource. */
    public static FullJid of(String constant) {
        if (Jid.of(constant) instanceof FullJid full) {
            return full;
        }
        throw new IllegalArgumentException("a full JID, not a bare one, was expected");
    }

    @Override
    public @Nullable String local() {
        return bare.local();
    }

    @Override
    public String domain() {
        return bare.domain();
    }

    @Override
    public String resource() {
        return text.substring(bare.toString().length() + 1);
    }

    @Override
    public BareJid bare() {
        return bare;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || other instanceof FullJid jid && text.equals(jid.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
