// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.app;

import im.dunlin.core.config.AddressRange;
import im.dunlin.core.lane.SteadyClock;
import im.dunlin.push.gateway.Gateway;
import im.dunlin.push.gateway.PushThread;
import im.dunlin.push.gateway.apns.ApnsGateway;
import im.dunlin.push.gateway.apns.ApnsServers;
import im.dunlin.push.gateway.fcm.FcmGateway;
import im.dunlin.push.gateway.https.AddressRules;
import im.dunlin.push.gateway.https.HttpsClient;
import im.dunlin.push.gateway.https.Names;
import im.dunlin.push.gateway.webpush.WebPushGateway;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLException;

/** Makes gateways, all on one thread. */
public final class Gateways implements AutoCloseable {
    /**
     * Where the services are.
     *
     * @param fcm base of its URLs
     */
    public record Services(ApnsServers apns, URI fcm) {
        /** The real ones. */
        public static final Services REAL = new Services(ApnsServers.APPLE, FcmGateway.GOOGLE);
    }

    private final PushThread thread;
    private final SslContext tls;
    private final HttpsClient toGoogle;
    private final HttpsClient toPushServers;
    private final Services services;
    private final InstantSource clock = SteadyClock.system();

    /**
     * Endpoints of Web Push may have public addresses only, until {@link #allow} says otherwise.
     *
     * @param tls whom HTTPS servers must prove to be; closed with this
     */
    public Gateways(PushThread thread, SslContext tls, Names names, Services services) {
        this.thread = thread;
        this.tls = tls;
        this.services = services;
        this.toGoogle = new HttpsClient(thread.loop(), tls, names, AddressRules.ANYWHERE, HttpsClient.Limits.DEFAULT);
        this.toPushServers =
                new HttpsClient(thread.loop(), tls, names, AddressRules.PUBLIC, HttpsClient.Limits.DEFAULT);
    }

    /** To the real services, which have certificates that Java trusts. */
    public static Gateways toTheWorld() {
        PushThread thread = new PushThread();
        try {
            SslContext tls = SslContextBuilder.forClient()
                    .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                    .build();
            return new Gateways(thread, tls, Names.dns(thread.loop()), Services.REAL);
        } catch (SSLException e) {
            throw new IllegalStateException("TLS does not work on this machine", e);
        }
    }

    /** Which addresses endpoints of Web Push may have besides public ones, from now on. */
    void allow(List<AddressRange> webPushAddresses) {
        toPushServers.obey(AddressRules.publicAnd(webPushAddresses));
    }

    Gateway open(AppKey key) {
        if (key instanceof AppKey.Apns apns) {
            return new ApnsGateway(apns.profile(), services.apns(), thread, clock);
        }
        if (key instanceof AppKey.Fcm fcm) {
            return new FcmGateway(fcm.account(), services.fcm(), toGoogle, thread, clock);
        }
        return new WebPushGateway(((AppKey.WebPush) key).key(), toPushServers, thread, clock);
    }

    /** After the gateways. */
    @Override
    public void close() {
        toGoogle.close();
        toPushServers.close();
        thread.close();
        ReferenceCountUtil.release(tls);
    }
}
