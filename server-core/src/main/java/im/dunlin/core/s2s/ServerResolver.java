// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.net.tls.TlsContexts;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.HostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the server of a domain is (RFC 6120 §3.2, XEP-0368): as configured, else by the SRV records of both services as one list,
 * else at the domain's own addresses. Never blocks; any thread.
 */
final class ServerResolver implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServerResolver.class);

    private static final int USUAL_PORT = 5269;
    private static final int QUERY_MILLIS = 5_000;
    private static final int MOST_QUERIES = 8;

    /** How many servers of a domain are looked up. */
    private static final int MOST_TARGETS = 8;

    /** More addresses than anybody has patience to try. */
    private static final int MOST_ENDPOINTS = 12;

    /** Asked before DNS for what is configured, and for nothing that others may name. */
    private static final HostsFileEntriesResolver HOSTS_FILE = HostsFileEntriesResolver.DEFAULT;

    private static final int CACHE_LEAST_SECONDS = 30;
    private static final int CACHE_MOST_SECONDS = 3_600;
    private static final int CACHE_NEGATIVE_SECONDS = 60;

    private final RemotePolicy policy;
    private final EventLoop loop;
    private final DnsNameResolver dns;

    /** @param servers of DNS; null for the machine's */
    ServerResolver(
            RemotePolicy policy,
            EventLoop loop,
            Class<? extends DatagramChannel> channelType,
            @Nullable DnsServerAddressStreamProvider servers) {
        this.policy = policy;
        this.loop = loop;
        DnsNameResolverBuilder builder = new DnsNameResolverBuilder(loop)
                .datagramChannelType(channelType)
                .resolvedAddressTypes(ResolvedAddressTypes.IPV6_PREFERRED)
                .hostsFileEntriesResolver((name, types) -> null)
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

    /** @param then gets the places in the order in which to try them, or why there are none; once. On an event loop */
    void resolve(String domain, BiConsumer<List<Endpoint>, @Nullable Failure> then) {
        Search search = new Search(then);
        loop.execute(() -> search.step(() -> begin(search, domain)));
    }

    private void begin(Search search, String domain) {
        String configured = policy.addressOf(domain);
        if (configured != null) {
            int colon = configured.lastIndexOf(':');
            String host = configured.substring(0, colon).replaceAll("[\\[\\]]", "");
            InetAddress known = HOSTS_FILE.address(host, ResolvedAddressTypes.IPV4_PREFERRED);
            String target = known == null ? host : known.getHostAddress();
            search.configured(new SrvRecord(0, 0, Integer.parseInt(configured.substring(colon + 1)), target, false));
            return;
        }
        String name = TlsContexts.nameInUrls(domain);
        if (isLiteral(name)) {
            search.end(List.of(), Failure.notFound("no certificate speaks for an IP address"));
            return;
        }
        try {
            search.services(name);
        } catch (IllegalArgumentException e) {
            search.end(List.of(), Failure.notFound("no name that DNS can be asked for"));
        }
    }

    /** Whether this is an address at which a server of strangers can be: DNS is not to lead us into our own network. */
    static boolean isPublic(InetAddress address) {
        boolean isUniqueLocal = address instanceof Inet6Address && (address.getAddress()[0] & 0xFE) == 0xFC;
        return !(isUniqueLocal
                || address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress());
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
        private boolean isConfigured;
        private boolean unanswered;
        private boolean misled;
        /** What had no records, or was refused: Netty does not tell these apart. */
        private final Deque<DnsQuestion> doubtful = new ArrayDeque<>();

        private boolean ended;

        Search(BiConsumer<List<Endpoint>, @Nullable Failure> then) {
            this.then = then;
        }

        /** Whatever goes wrong in a step ends the search: somebody waits for it. */
        void step(Runnable step) {
            try {
                step.run();
            } catch (RuntimeException e) {
                log.error("A look-up failed", e);
                end(List.of(), Failure.unreachable("its look-up failed"));
            }
        }

        private <T> void when(Future<T> answer, Runnable next) {
            answer.addListener(done -> step(next));
        }

        void end(List<Endpoint> endpoints, @Nullable Failure failure) {
            if (!ended) {
                ended = true;
                then.accept(endpoints, failure);
            }
        }

        void configured(SrvRecord place) {
            isConfigured = true;
            places.add(place);
            addresses(0);
        }

        void services(String name) {
            query(
                    "_xmpps-server._tcp." + name,
                    true,
                    () -> query("_xmpp-server._tcp." + name, false, () -> servicesAnswered(name)));
        }

        private void servicesAnswered(String name) {
            if (!places.isEmpty() && places.stream().allMatch(SrvRecord::isNoService)) {
                end(List.of(), Failure.notFound("its DNS says that it has no server"));
                return;
            }
            places.removeIf(SrvRecord::isNoService);
            places = SrvRecord.ordered(places, ThreadLocalRandom.current());
            if (places.isEmpty()) {
                places.add(new SrvRecord(0, 0, USUAL_PORT, name, false));
            }
            places = places.subList(0, Math.min(places.size(), MOST_TARGETS));
            addresses(0);
        }

        private void query(String service, boolean directTls, Runnable next) {
            DnsQuestion question = new DefaultDnsQuestion(service + ".", DnsRecordType.SRV);
            Future<List<DnsRecord>> answer = dns.resolveAll(question);
            when(answer, () -> {
                if (answer.isSuccess()) {
                    for (DnsRecord record : answer.getNow()) {
                        SrvRecord srv = SrvRecord.parse(record, directTls);
                        if (srv != null) {
                            places.add(srv);
                        }
                        ReferenceCountUtil.release(record);
                    }
                } else {
                    noteFailure(answer.cause(), question);
                }
                next.run();
            });
        }

        /** Only that a name does not exist is an answer; silence, or a server that is broken or will not say, is none. */
        private void noteFailure(Throwable cause, DnsQuestion question) {
            Throwable inner = cause.getCause();
            if (cause instanceof UnknownHostException && inner == null) {
                doubtful.add(question);
            } else {
                unanswered |= !(inner instanceof DnsErrorCauseException error
                        && DnsResponseCode.NXDOMAIN.equals(error.getCode()));
            }
        }

        private void addresses(int at) {
            if (at == places.size() || found.size() >= MOST_ENDPOINTS) {
                finish();
                return;
            }
            SrvRecord place = places.get(at);
            Future<List<InetAddress>> answer;
            DnsQuestion question;
            try {
                question = new DefaultDnsQuestion(place.target(), DnsRecordType.A);
                answer = dns.resolveAll(place.target());
            } catch (IllegalArgumentException e) {
                // No name that DNS can be asked for.
                addresses(at + 1);
                return;
            }
            when(answer, () -> {
                if (answer.isSuccess()) {
                    answer.getNow().forEach(address -> add(address, place));
                } else {
                    noteFailure(answer.cause(), question);
                }
                addresses(at + 1);
            });
        }

        private void add(InetAddress address, SrvRecord place) {
            if (!isConfigured && !isPublic(address)) {
                misled = true;
            } else if (found.size() < MOST_ENDPOINTS) {
                found.add(new Endpoint(new InetSocketAddress(address, place.port()), place.directTls()));
            }
        }

        private void finish() {
            if (!found.isEmpty()) {
                end(List.copyOf(found), null);
            } else if (misled) {
                end(List.of(), Failure.unreachable("DNS gives addresses that are not public"));
            } else if (unanswered) {
                end(List.of(), Failure.unreachable("DNS does not answer"));
            } else if (doubtful.isEmpty()) {
                end(List.of(), Failure.notFound("DNS does not know it"));
            } else {
                confirm(doubtful.remove());
            }
        }

        private void confirm(DnsQuestion question) {
            Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> answer = dns.query(question);
            when(answer, () -> {
                if (answer.isSuccess()) {
                    DnsResponseCode code = answer.getNow().content().code();
                    answer.getNow().release();
                    unanswered = !code.equals(DnsResponseCode.NOERROR) && !code.equals(DnsResponseCode.NXDOMAIN);
                } else {
                    unanswered = true;
                }
                finish();
            });
        }
    }
}
