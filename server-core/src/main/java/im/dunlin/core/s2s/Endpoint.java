// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import java.net.InetSocketAddress;

/**
 * Where a domain's server listens.
 *
 * @param directTls whether TLS comes before the stream (XEP-0368)
 */
record Endpoint(InetSocketAddress address, boolean directTls) {}
