// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import im.dunlin.core.config.FederationConfig;
import im.dunlin.core.config.RemoteConfig;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerResolverTest {
    private static final byte[] PUBLIC = {(byte) 192, 0, 2, 1};
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private record Found(List<Endpoint> endpoints, @Nullable Failure failure) {
        boolean isFinal() {
            return failure != null && failure.isFinal();
        }

        boolean isToBeTriedAgain() {
            return failure != null && !failure.isFinal();
        }
    }

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final DnsServer dns = new DnsServer();
    private final ServerResolver resolver = new ServerResolver(
            new RemotePolicy(config(Map.of(
                    "near.example", remote("127.0.0.1:1234"),
                    "named.example", remote("inside.example:1234"),
                    "broken.example", remote("127.0.0.1:99999")))),
            loops.next(),
            NioDatagramChannel.class,
            new SingletonDnsServerAddressStreamProvider(dns.address()));

    private static RemoteConfig remote(String address) {
        return new RemoteConfig(address, null, false);
    }

    private static FederationConfig config(Map<String, RemoteConfig> domains) {
        Duration time = Duration.ofSeconds(30);
        return new FederationConfig(
                true, FederationConfig.Proof.CERTIFICATE, null, domains, time, time, time, 1, 1, 1, 1, 1, 1);
    }

    @AfterEach
    void close() {
        resolver.close();
        dns.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private Found find(String domain) throws Exception {
        CompletableFuture<Found> found = new CompletableFuture<>();
        resolver.resolve(domain, (endpoints, failure) -> found.complete(new Found(endpoints, failure)));
        return found.get(20, TimeUnit.SECONDS);
    }

    @Test
    void nameThatDoesNotExistIsNotFound() throws Exception {
        assertThat(find("nowhere.example").isFinal()).isTrue();
    }

    @Test
    void nameWithoutRecordsIsNotFound() throws Exception {
        dns.says("empty.example", DnsServer.NOERROR);

        assertThat(find("empty.example").isFinal()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {DnsServer.SERVFAIL, DnsServer.REFUSED})
    void dnsThatFailsIsAskedAgain(int code) throws Exception {
        dns.says("a.example", code);

        assertThat(find("a.example").isToBeTriedAgain()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {DnsServer.SERVFAIL, DnsServer.REFUSED})
    void servicesThatDnsDoesNotTellAreAskedForAgain(int code) throws Exception {
        dns.says("_xmpp-server._tcp.a.example", code);

        assertThat(find("a.example").isToBeTriedAgain()).isTrue();
    }

    @Test
    void serverIsWhereItsServiceIs() throws Exception {
        dns.has("_xmpps-server._tcp.a.example", DnsServer.SRV, DnsServer.srv(5270, "xmpp.a.example"));
        dns.has("xmpp.a.example", DnsServer.A, PUBLIC);

        assertThat(find("a.example").endpoints())
                .containsExactly(new Endpoint(new InetSocketAddress("192.0.2.1", 5270), true));
    }

    @Test
    void eightServersOfADomainAreLookedUp() throws Exception {
        dns.has(
                "_xmpp-server._tcp.a.example",
                DnsServer.SRV,
                IntStream.range(0, 10)
                        .mapToObj(i -> DnsServer.srv(5269, "s" + i + ".example"))
                        .toArray(byte[][]::new));
        IntStream.range(0, 10).forEach(i -> dns.has("s" + i + ".example", DnsServer.A, PUBLIC));

        assertThat(find("a.example").endpoints()).hasSize(8);
    }

    @Test
    void dnsDoesNotLeadToThisMachine() throws Exception {
        dns.has("a.example", DnsServer.A, LOOPBACK);
        dns.has("b.example", DnsServer.A, LOOPBACK, PUBLIC);
        dns.has("_xmpp-server._tcp.c.example", DnsServer.SRV, DnsServer.srv(5269, "127.0.0.1"));

        assertThat(find("a.example").isToBeTriedAgain()).isTrue();
        assertThat(find("b.example").endpoints()).hasSize(1);
        assertThat(find("c.example").endpoints()).isEmpty();
    }

    @Test
    void hostsFileIsNotForStrangers() throws Exception {
        String thisMachine = InetAddress.getLocalHost().getHostName();
        assumeThat(thisMachine).doesNotStartWith("localhost");

        assertThat(find(thisMachine).isFinal()).isTrue();
    }

    @Test
    void whatIsConfiguredMayBeAnywhere() throws Exception {
        dns.has("inside.example", DnsServer.A, LOOPBACK);

        Endpoint here = new Endpoint(new InetSocketAddress("127.0.0.1", 1234), false);
        assertThat(find("near.example").endpoints()).containsExactly(here);
        assertThat(find("named.example").endpoints()).containsExactly(here);
    }

    @Test
    void whateverGoesWrongIsTold() throws Exception {
        assertThat(find("broken.example").isToBeTriedAgain()).isTrue();
        assertThat(find("a".repeat(64) + ".example").isFinal()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "0.0.0.0",
                "10.0.0.1",
                "172.16.0.1",
                "192.168.0.1",
                "169.254.169.254",
                "224.0.0.1",
                "::1",
                "::",
                "fe80::1",
                "fc00::1",
                "fd12::1",
                "ff02::1",
                "::ffff:127.0.0.1"
            })
    void addressesInsideAreNotPublic(String address) throws Exception {
        assertThat(ServerResolver.isPublic(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "2001:db8::1"})
    void otherAddressesArePublic(String address) throws Exception {
        assertThat(ServerResolver.isPublic(InetAddress.getByName(address))).isTrue();
    }
}
