// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;

/** One request over HTTPS, on a connection of its own, as chat clients bring and fetch a file. */
public final class HttpTransfer extends SimpleChannelInboundHandler<FullHttpResponse> {
    /** What came: the status, and the body. */
    public record Answer(int status, byte[] body) {}

    private static final int HTTPS = 443;

    private final HttpMethod method;
    private final URI address;
    private final String authorization;
    private final byte[] body;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();

    HttpTransfer(HttpMethod method, URI address, String authorization, byte[] body) {
        this.method = method;
        this.address = address;
        this.authorization = authorization;
        this.body = body;
    }

    int port() {
        return address.getPort() < 0 ? HTTPS : address.getPort();
    }

    CompletableFuture<Answer> answer() {
        return answer;
    }

    void fail(Throwable cause) {
        answer.completeExceptionally(cause);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                ctx.writeAndFlush(request());
            } else {
                fail(handshake.cause());
            }
        }
    }

    private FullHttpRequest request() {
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, method, address.getRawPath(), Unpooled.wrappedBuffer(body));
        request.headers()
                .set(HttpHeaderNames.HOST, address.getAuthority())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (!authorization.isEmpty()) {
            request.headers().set(HttpHeaderNames.AUTHORIZATION, authorization);
        }
        if (body.length > 0) {
            request.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                    .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_OCTET_STREAM);
        }
        return request;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
        answer.complete(new Answer(response.status().code(), ByteBufUtil.getBytes(response.content())));
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(new IOException(address + ": disconnected before the answer"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(cause);
        ctx.close();
    }
}
