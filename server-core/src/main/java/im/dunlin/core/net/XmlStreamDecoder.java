// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;

/**
 * Turns a peer's bytes into {@link StreamEvent}s for the next handler.
 *
 * <p>Confined to the event loop of its channel. The next handler is called within the read that
 * completed the event and may call {@link #pause}, {@link #resume}, {@link #restart} and {@link #limits}
 * there or later.
 */
public final class XmlStreamDecoder extends SimpleChannelInboundHandler<ByteBuf> {
    private final String contentNamespace;
    private DecoderLimits limits;

    /**
     * @param contentNamespace the namespace of stanzas on this stream
     */
    public XmlStreamDecoder(String contentNamespace, DecoderLimits limits) {
        this.contentNamespace = contentNamespace;
        this.limits = limits;
    }

    /** Other limits, from the next top-level element on. */
    public void limits(DecoderLimits limits) {
        this.limits = limits;
    }

    /**
     * Emits nothing more until {@link #resume} or {@link #restart}; bytes that arrive are kept, up to the
     * limit of a stanza. Called while handling an element whose outcome decides how the bytes after it are
     * to be read (SASL, STARTTLS).
     */
    public void pause() {
        throw new UnsupportedOperationException(contentNamespace + limits);
    }

    /** Goes on with the same stream. */
    public void resume() {
        throw new UnsupportedOperationException();
    }

    /**
     * Goes on with a new stream: a fresh reader, everything known of the old stream dropped. Bytes kept by
     * {@link #pause} belong to the new stream (after SASL).
     */
    public void restart() {
        throw new UnsupportedOperationException();
    }

    /** True if bytes after the last emitted element have arrived: after {@code starttls} they are an injection. */
    public boolean hasLeftover() {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf in) {
        throw new UnsupportedOperationException();
    }
}
