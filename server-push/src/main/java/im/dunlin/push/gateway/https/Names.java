// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.https;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;

/** Finds the addresses of a host; never blocks. */
@FunctionalInterface
public interface Names extends AutoCloseable {
    Future<List<InetAddress>> resolve(String host);

    @Override
    default void close() {}

    /** By DNS, as the machine is configured. A name is taken as it is: no search domain is added. */
    static Names dns(EventLoop loop) {
        DnsNameResolver resolver = new DnsNameResolverBuilder(loop)
                .datagramChannelType(NioDatagramChannel.class)
                .resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)
                .searchDomains(List.of())
                .queryTimeoutMillis(2_000)
                .maxQueriesPerResolve(8)
                .build();
        return new Names() {
            @Override
            public Future<List<InetAddress>> resolve(String host) {
                return resolver.resolveAll(host);
            }

            @Override
            public void close() {
                resolver.close();
            }
        };
    }
}
