// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.net.StreamEvent.NonzaReceived;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** A session that lets nothing through while it thinks about a nonza. */
final class PauseAfterNonza extends ChannelInboundHandlerAdapter {
    private final XmlStreamDecoder decoder;
    boolean sawLeftover;

    PauseAfterNonza(XmlStreamDecoder decoder) {
        this.decoder = decoder;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object event) {
        if (event instanceof NonzaReceived) {
            sawLeftover = decoder.hasLeftover();
            decoder.pause();
        }
        ctx.fireChannelRead(event);
    }
}
