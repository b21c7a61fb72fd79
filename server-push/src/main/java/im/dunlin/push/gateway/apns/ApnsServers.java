// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.apns;

import com.eatthepath.pushy.apns.ApnsClientBuilder;
import im.dunlin.push.gateway.PushAddress.Environment;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Where the two APNs are.
 *
 * @param trusted whose certificates are believed; empty for those that Java believes
 */
public record ApnsServers(InetSocketAddress production, InetSocketAddress sandbox, List<X509Certificate> trusted) {
    /** Apple's. */
    public static final ApnsServers APPLE = new ApnsServers(
            InetSocketAddress.createUnresolved(
                    ApnsClientBuilder.PRODUCTION_APNS_HOST, ApnsClientBuilder.DEFAULT_APNS_PORT),
            InetSocketAddress.createUnresolved(
                    ApnsClientBuilder.DEVELOPMENT_APNS_HOST, ApnsClientBuilder.DEFAULT_APNS_PORT),
            List.of());

    public ApnsServers {
        trusted = List.copyOf(trusted);
    }

    InetSocketAddress of(Environment environment) {
        return switch (environment) {
            case PRODUCTION -> production;
            case SANDBOX -> sandbox;
        };
    }
}
