// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who logs in and how.
 *
 * @param acks whether stanzas are acknowledged (XEP-0198), resumable where the server lets
 * @param before the acknowledgements of a session that this one resumes; null: a fresh session
 * @param way in which framing
 * @param token of an earlier login with {@link Way#INLINE}; with it the login is one flight (XEP-0484)
 * @param bind what else stands in Bind 2's request, in XML
 * @param pipelined what is asked in the same flight, when there is a token
 */
public record Login(
        String user,
        String password,
        String resource,
        boolean acks,
        @Nullable Management before,
        Way way,
        @Nullable String token,
        String bind,
        List<Query> pipelined) {
    /** How a login goes. */
    public enum Way {
        /** SASL, a new stream, and bind: RFC 6120. */
        STEPS,
        /** SASL2 and Bind 2 with a request for a token (XEP-0388, XEP-0386, XEP-0484), by a server that has them. */
        INLINE
    }

    public Login(String user, String password, String resource) {
        this(user, password, resource, false, null, Way.STEPS, null, "", List.of());
    }

    public Login withAcks() {
        return new Login(user, password, resource, true, before, way, token, bind, pipelined);
    }

    /** Goes on where that session was cut off, or begins anew if the server does not remember it. */
    public Login resuming(Management cut) {
        return new Login(user, password, resource, true, cut, way, token, bind, pipelined);
    }

    /** By SASL2 and Bind 2; with a token and what to ask, all in one flight. */
    public Login inline(@Nullable String given, String bound, List<Query> asked) {
        return new Login(user, password, resource, acks, before, Way.INLINE, given, bound, asked);
    }

    /** The device's id (XEP-0388 §2.4), the same each time. */
    String device() {
        return UUID.nameUUIDFromBytes((user + '/' + resource).getBytes(StandardCharsets.UTF_8))
                .toString();
    }
}
