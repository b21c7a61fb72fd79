// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.net.tls.TlsContexts;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverException;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the server of a domain is (RFC 6120 §3.2, XEP-0368): as configured, else by the SRV records of both services as one list,
 * else at the domain's own addresses. Never blocks; any thread.
 */
final class ServerResolver implements AutoCloseable {
    private static final int USUAL_PORT = 5269;
    private static final int QUERY_MILLIS = 5_000;
    private static final int MOST_QUERIES = 8;

    /** More addresses than anybody has patience to try. */
    private static final int MOST_ENDPOINTS = 12;

    private static final int CACHE_LEAST_SECONDS = 30;
    private static final int CACHE_MOST_SECONDS = 3_600;
    private static final int CACHE_NEGATIVE_SECONDS = 60;

    private final RemotePolicy policy;
    private final DnsNameResolver dns;

    /** @param servers of DNS; null for the machine's */
    ServerResolver(
            RemotePolicy policy,
            EventLoop loop,
            Class<? extends DatagramChannel> channelType,
            @Nullable DnsServerAddressStreamProvider servers) {
        this.policy = policy;
        DnsNameResolverBuilder builder = new DnsNameResolverBuilder(loop)
                .datagramChannelType(channelType)
                .resolvedAddressTypes(ResolvedAddressTypes.IPV6_PREFERRED)
                .searchDomains(List.of())
                .queryTimeoutMillis(QUERY_MILLIS)
                .maxQueriesPerResolve(MOST_QUERIES)
                .ttl(CACHE_LEAST_SECONDS, CACHE_MOST_SECONDS)
                .negativeTtl(CACHE_NEGATIVE_SECONDS);
        if (servers != null) {
            builder.nameServerProvider(servers);
        }
        this.dns = builder.build();
    }

    /** @param then gets the places in the order in which to try them, or why there are none. On an event loop */
    void resolve(String domain, BiConsumer<List<Endpoint>, @Nullable Failure> then) {
        Search search = new Search(then);
        String configured = policy.addressOf(domain);
        if (configured != null) {
            int colon = configured.lastIndexOf(':');
            String host = configured.substring(0, colon).replaceAll("[\\[\\]]", "");
            search.add(new SrvRecord(0, 0, Integer.parseInt(configured.substring(colon + 1)), host, false));
            search.addresses(0);
            return;
        }
        String name = TlsContexts.nameInUrls(domain);
        if (isLiteral(name)) {
            then.accept(List.of(), Failure.notFound("no certificate speaks for an IP address"));
        } else {
            search.services(name);
        }
    }

    private static boolean isLiteral(String name) {
        return name.contains(":") || name.matches("[0-9.]+");
    }

    @Override
    public void close() {
        dns.close();
    }

    /** One look-up, on the resolver's event loop. */
    private final class Search {
        private final BiConsumer<List<Endpoint>, @Nullable Failure> then;
        private final List<Endpoint> found = new ArrayList<>();
        private List<SrvRecord> places = new ArrayList<>();
        private boolean unanswered;

        Search(BiConsumer<List<Endpoint>, @Nullable Failure> then) {
            this.then = then;
        }

        void add(SrvRecord place) {
            places.add(place);
        }

        void services(String name) {
            query(
                    "_xmpps-server._tcp." + name,
                    true,
                    () -> query("_xmpp-server._tcp." + name, false, () -> {
                        if (places.stream().anyMatch(SrvRecord::isNoService)
                                && places.stream().allMatch(SrvRecord::isNoService)) {
                            then.accept(List.of(), Failure.notFound("its DNS says that it has no server"));
                            return;
                        }
                        places.removeIf(SrvRecord::isNoService);
                        places = SrvRecord.ordered(places, ThreadLocalRandom.current());
                        if (places.isEmpty()) {
                            add(new SrvRecord(0, 0, USUAL_PORT, name, false));
                        }
                        addresses(0);
                    }));
        }

        private void query(String service, boolean directTls, Runnable next) {
            Future<List<DnsRecord>> answer = dns.resolveAll(new DefaultDnsQuestion(service + ".", DnsRecordType.SRV));
            answer.addListener(done -> {
                if (answer.isSuccess()) {
                    for (DnsRecord record : answer.getNow()) {
                        SrvRecord srv = SrvRecord.parse(record, directTls);
                        if (srv != null) {
                            add(srv);
                        }
                        ReferenceCountUtil.release(record);
                    }
                } else {
                    noteFailure(answer.cause());
                }
                next.run();
            });
        }

        /** An answer that says no is one; silence, or a server that is broken, is none. */
        private void noteFailure(Throwable cause) {
            boolean answered = cause instanceof UnknownHostException
                    && (cause.getCause() == null || cause.getCause() instanceof DnsErrorCauseException);
            boolean isSilence =
                    cause instanceof DnsNameResolverException || cause.getCause() instanceof DnsNameResolverException;
            unanswered |= isSilence || !answered;
        }

        void addresses(int at) {
            if (at == places.size() || found.size() >= MOST_ENDPOINTS) {
                finish();
                return;
            }
            SrvRecord place = places.get(at);
            Future<List<InetAddress>> answer;
            try {
                answer = dns.resolveAll(place.target());
            } catch (IllegalArgumentException e) {
                addresses(at + 1);
                return;
            }
            answer.addListener(done -> {
                if (answer.isSuccess()) {
                    for (InetAddress address : answer.getNow()) {
                        found.add(new Endpoint(new InetSocketAddress(address, place.port()), place.directTls()));
                    }
                } else {
                    noteFailure(answer.cause());
                }
                addresses(at + 1);
            });
        }

        private void finish() {
            if (!found.isEmpty()) {
                then.accept(List.copyOf(found), null);
            } else if (unanswered) {
                then.accept(List.of(), Failure.unreachable("DNS does not answer"));
            } else {
                then.accept(List.of(), Failure.notFound("DNS does not know it"));
            }
        }
    }
}
