// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import java.nio.file.Path;

/**
 * Where a virtual host's certificate is.
 *
 * @param host the domain, as in a JID
 * @param chain PEM: the host's certificate first, then each one's issuer; the root may be left out
 * @param key PEM: the private key, PKCS #8 or the older EC and RSA forms, not encrypted; may be the same file
 */
public record HostCertificate(String host, Path chain, Path key) {}
