// SPDX-License-Identifier: Apache-2.0
/**
 * TLS: certificates by virtual host, their renewal while serving, and what a connection can be bound by.
 *
 * <p>Versions 1.2 and 1.3, forward secrecy and authenticated encryption only; no renegotiation, compression, early data
 * or session tickets. A file that cannot be used never replaces a certificate that can. Nothing of this package is held
 * by an idle connection but the TLS engine itself, once {@link im.dunlin.core.net.tls.TlsConnection#forget} was called.
 */
@NullMarked
package im.dunlin.core.net.tls;

import org.jspecify.annotations.NullMarked;
