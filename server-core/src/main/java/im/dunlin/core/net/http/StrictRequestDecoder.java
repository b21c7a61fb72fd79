// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.http;

import im.dunlin.core.config.Limits;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;

/** Reads requests, and none that another program might end elsewhere (threat H09). */
final class StrictRequestDecoder extends HttpRequestDecoder {
    private static final int PIECE = 64 * 1024;

    StrictRequestDecoder(Limits.Http limits) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.lineBytes())
                .setMaxHeaderSize(limits.headerBytes())
                .setMaxChunkSize(PIECE)
                .setStrictLineParsing(true)
                .setAllowDuplicateContentLengths(false));
    }

    /**
     * Whether the body ends where everybody sees its end (RFC 9112 §6.3): chunks are the only coding, without a length beside
     * them, and not in HTTP/1.0.
     */
    static boolean hasOneEnd(HttpMessage head) {
        List<String> codings = head.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        return codings.isEmpty()
                || codings.size() == 1
                        && codings.get(0).equalsIgnoreCase("chunked")
                        && !head.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                        && head.protocolVersion().equals(HttpVersion.HTTP_1_1);
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("both a length and chunks");
    }
}
