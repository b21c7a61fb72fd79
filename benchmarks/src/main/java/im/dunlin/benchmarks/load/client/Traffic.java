// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

/**
 * What went over one connection's socket, TLS included. Written on the event loop; a reader elsewhere sees what happened
 * before the answer that it waited for.
 */
public final class Traffic extends ChannelDuplexHandler {
    private volatile long in;
    private volatile long out;
    private volatile int trips;
    private volatile long handshake;

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

    void encrypted() {
        handshake = in;
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
