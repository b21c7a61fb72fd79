// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.testing;

/**
 * Where a server listens, on loopback.
 *
 * @param startTls the port where TLS follows STARTTLS
 * @param directTls the port where TLS comes first
 */
public record Endpoint(int startTls, int directTls) {}
