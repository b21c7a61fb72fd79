// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import org.jspecify.annotations.Nullable;

/**
 * What went over one connection's socket, TLS included. Written on the event loop; a reader elsewhere sees what happened
 * before the answer that it waited for.
 */
public final class Traffic extends ChannelDuplexHandler {
    private volatile long in;
    private volatile long out;
    private volatile int trips;
    private volatile long handshake;
    private volatile boolean resumed;

    /** Bytes that came. */
    public long in() {
        return in;
    }

    /** Bytes that went. */
    public long out() {
        return out;
    }

    /** Bytes of {@link #in} when the handshake was over: some hundred if a session was resumed, else the certificates. */
    public long handshake() {
        return handshake;
    }

    /** Whether TLS went on with an earlier session; false also where it cannot be told. */
    public boolean resumedTls() {
        return resumed;
    }

    void encrypted(@Nullable SslHandler tls) {
        handshake = in;
        resumed = tls != null
                && tls.engine() instanceof ReferenceCountedOpenSslEngine engine
                && SSL.isSessionReused(engine.sslPointer());
    }

    /** How often this client had to wait for an answer before it could go on; TCP and TLS not counted. */
    public int trips() {
        return trips;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the event loop is the only writer
    void waited() {
        trips++;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // the event loop is the only writer
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        in += ((ByteBuf) message).readableBytes();
        ctx.fireChannelRead(message);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // the event loop is the only writer
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        out += ((ByteBuf) message).readableBytes();
        ctx.write(message, promise);
    }
}
