// SPDX-License-Identifier: Apache-2.0
/**
 * Who a client is: stored credentials, and the server's side of the SASL mechanisms (RFC 4422, RFC 5802, RFC 7677,
 * RFC 4616).
 *
 * <p>Nothing here reads a socket, a store or a clock of its own accord. A {@link im.dunlin.core.auth.SaslExchange}
 * answers each message with a {@link im.dunlin.core.auth.SaslStep} that says what has to happen next, so that the same
 * mechanisms serve the framing of RFC 6120 and that of XEP-0388. Passwords never appear in a log, an exception or a
 * {@code toString()}.
 */
@NullMarked
package im.dunlin.core.auth;

import org.jspecify.annotations.NullMarked;
