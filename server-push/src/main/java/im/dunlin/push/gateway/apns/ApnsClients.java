// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.apns;

import com.eatthepath.pushy.apns.ApnsClient;
import com.eatthepath.pushy.apns.ApnsClientBuilder;
import im.dunlin.push.gateway.PushAddress.Environment;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLException;

/** Makes Pushy's clients for one environment. */
final class ApnsClients {
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration PING = Duration.ofSeconds(30);

    /** How long a connection that goes away may still answer. */
    private static final Duration FAREWELL = Duration.ofSeconds(10);

    private final ApnsProfile.Credentials credentials;
    private final ApnsServers servers;
    private final Environment environment;
    private final EventLoopGroup group;

    ApnsClients(
            ApnsProfile.Credentials credentials, ApnsServers servers, Environment environment, EventLoopGroup group) {
        this.credentials = credentials;
        this.servers = servers;
        this.environment = environment;
        this.group = group;
    }

    /** A client with one connection, which it opens for the first notification. It has a token of its own. */
    ApnsClient open() throws SSLException {
        InetSocketAddress server = servers.of(environment);
        ApnsClientBuilder builder = new ApnsClientBuilder()
                .setApnsServer(server.getHostString(), server.getPort())
                .setEventLoopGroup(group)
                .setConcurrentConnections(1)
                .setConnectionTimeout(CONNECT)
                .setIdlePingInterval(PING)
                .setGracefulShutdownTimeout(FAREWELL);
        if (!servers.trusted().isEmpty()) {
            builder.setTrustedServerCertificateChain(servers.trusted().toArray(X509Certificate[]::new));
        }
        if (credentials instanceof ApnsProfile.Credentials.SigningKey signing) {
            builder.setSigningKey(signing.key());
        } else if (credentials instanceof ApnsProfile.Credentials.ClientCertificate client) {
            builder.setClientCredentials(client.certificate(), client.key(), null);
        }
        return builder.build();
    }
}
