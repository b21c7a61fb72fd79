// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import im.dunlin.core.auth.TlsChannel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a ClientHello, chooses the certificate by it and gives its place in the pipeline to the engine. When the
 * handshake is complete, what is known of it is at {@link TlsConnection}.
 */
final class TlsHandshake extends AbstractSniHandler<HostContext> {
    private static final int MAX_CLIENT_HELLO = 16 * 1024;

    private final Function<@Nullable String, HostContext> choice;
    private final Function<HostContext, SslContext> use;
    private final List<String> requiredProtocols;
    private final Duration timeout;
    private boolean refused;

    /**
     * @param choice of the certificate by the name that the client indicated, or by null
     * @param requiredProtocols of which a client that offers application protocols must offer one; empty if it is not
     *     looked at
     * @param timeout for the ClientHello, and again for the rest of the handshake
     */
    TlsHandshake(Function<@Nullable String, HostContext> choice, List<String> requiredProtocols, Duration timeout) {
        this(choice, HostContext::context, requiredProtocols, timeout);
    }

    /** @param use which of the chosen host's contexts is taken */
    TlsHandshake(
            Function<@Nullable String, HostContext> choice,
            Function<HostContext, SslContext> use,
            List<String> requiredProtocols,
            Duration timeout) {
        super(MAX_CLIENT_HELLO, timeout.toMillis());
        this.use = use;
        this.timeout = timeout;
        this.choice = choice;
        this.requiredProtocols = requiredProtocols;
    }

    @Override
    protected Future<HostContext> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf clientHello) throws Exception {
        List<String> offered =
                clientHello == null || requiredProtocols.isEmpty() ? null : ClientHello.protocols(clientHello);
        if (offered != null && offered.stream().noneMatch(requiredProtocols::contains)) {
            return ctx.executor().newFailedFuture(new SSLHandshakeException("no common application protocol"));
        }
        return super.lookup(ctx, clientHello);
    }

    @Override
    protected Future<HostContext> lookup(ChannelHandlerContext ctx, @Nullable String hostname) {
        return ctx.executor().newSucceededFuture(choice.apply(hostname));
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext ctx, @Nullable String hostname, Future<HostContext> future) {
        if (!future.isSuccess()) {
            // The same ClientHello is looked at once more when the connection is closed.
            if (!refused) {
                refused = true;
                ctx.writeAndFlush(Alpn.alert()).addListener(ChannelFutureListener.CLOSE);
                throw new DecoderException(future.cause());
            }
            return;
        }
        HostContext host = future.getNow();
        SslHandler tls = use.apply(host).newHandler(ctx.alloc());
        tls.setHandshakeTimeoutMillis(timeout.toMillis());
        ExporterSecrets secrets = host.secrets();
        ExporterSecrets.Expected expected =
                secrets != null && tls.engine() instanceof ReferenceCountedOpenSslEngine boring
                        ? secrets.expect(boring)
                        : null;
        tls.handshakeFuture().addListener(handshake -> {
            byte[] secret = take(secrets, expected);
            if (handshake.isSuccess()) {
                SSLSession session = tls.engine().getSession();
                TlsChannel channel =
                        new TlsChannel(session.getProtocol(), ChannelBindings.of(session, secret, host.leaf()));
                new TlsConnection(channel, host.names()).attachTo(ctx.channel());
            }
        });
        boolean inPlace = false;
        try {
            // The engine reads the ClientHello before this returns.
            ctx.pipeline().replace(this, "tls", tls);
            inPlace = true;
        } finally {
            if (!inPlace) {
                // Otherwise the handler gives the engine back when it is removed, and its handshake ends.
                take(secrets, expected);
                ReferenceCountUtil.safeRelease(tls.engine());
            }
        }
    }

    @CanIgnoreReturnValue
    private static byte @Nullable [] take(
            @Nullable ExporterSecrets secrets, ExporterSecrets.@Nullable Expected expected) {
        return secrets == null || expected == null ? null : secrets.take(expected);
    }
}
