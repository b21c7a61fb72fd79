// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import org.jspecify.annotations.Nullable;

/**
 * Who logs in and how.
 *
 * @param acks whether stanzas are acknowledged (XEP-0198), resumable where the server lets
 * @param before the acknowledgements of a session that this one resumes; null: a fresh session
 */
public record Login(
        String user,
        String password,
        String resource,
        boolean acks,
        @Nullable Management before) {
    public Login(String user, String password, String resource) {
        this(user, password, resource, false, null);
    }

    public Login withAcks() {
        return new Login(user, password, resource, true, before);
    }

    /** Goes on where that session was cut off, or begins anew if the server does not remember it. */
    public Login resuming(Management cut) {
        return new Login(user, password, resource, true, cut);
    }
}
