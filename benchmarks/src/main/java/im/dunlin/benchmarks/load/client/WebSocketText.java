// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import java.net.URI;
import java.util.List;

/** Text messages as bytes: between a connection's HTTP upgrade and a client that knows no frames. */
final class WebSocketText extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
    private static final int LARGEST_ANSWER = 8 << 10;
    private static final int LARGEST_FRAME = 16 << 20;

    /** Adds the upgrade and this codec behind TLS, if there is any. */
    static void addTo(ChannelPipeline pipeline, URI address) {
        WebSocketClientProtocolConfig config = WebSocketClientProtocolConfig.newBuilder()
                .webSocketUri(address)
                .version(WebSocketVersion.V13)
                .subprotocol("xmpp")
                .customHeaders(new DefaultHttpHeaders())
                .generateOriginHeader(false)
                .maxFramePayloadLength(LARGEST_FRAME)
                .build();
        pipeline.addLast(
                new HttpClientCodec(),
                new HttpObjectAggregator(LARGEST_ANSWER),
                new WebSocketClientProtocolHandler(config),
                new WebSocketText());
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, ByteBuf text, List<Object> out) {
        out.add(new TextWebSocketFrame(text.retain()));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, WebSocketFrame frame, List<Object> out) {
        out.add(frame.content().retain());
    }
}
