// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.http;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An answer (RFC 9110). Length, date and what is the same for all answers is added when it is written.
 *
 * @param headers in the order in which they are written
 * @param content closed by whoever writes the answer, also if nobody reads it
 */
public record HttpResponse(int status, Map<String, String> headers, HttpContent content) {
    public static final int OK = 200;
    public static final int CREATED = 201;
    public static final int NO_CONTENT = 204;
    public static final int PARTIAL_CONTENT = 206;
    public static final int NOT_MODIFIED = 304;
    public static final int PERMANENT_REDIRECT = 308;
    public static final int BAD_REQUEST = 400;
    public static final int FORBIDDEN = 403;
    public static final int NOT_FOUND = 404;
    public static final int METHOD_NOT_ALLOWED = 405;
    public static final int REQUEST_TIMEOUT = 408;
    public static final int CONFLICT = 409;
    public static final int LENGTH_REQUIRED = 411;
    public static final int CONTENT_TOO_LARGE = 413;
    public static final int URI_TOO_LONG = 414;
    public static final int UNSUPPORTED_MEDIA_TYPE = 415;
    public static final int RANGE_NOT_SATISFIABLE = 416;
    public static final int MISDIRECTED_REQUEST = 421;
    public static final int UPGRADE_REQUIRED = 426;
    public static final int TOO_MANY_REQUESTS = 429;
    public static final int HEADERS_TOO_LARGE = 431;
    public static final int INTERNAL_SERVER_ERROR = 500;
    public static final int INSUFFICIENT_STORAGE = 507;

    public static HttpResponse of(int status, String type, byte[] body) {
        return new HttpResponse(status, Map.of("Content-Type", type), new Bytes(body));
    }

    /** A sentence for whoever looks. */
    public static HttpResponse text(int status, String sentence) {
        return of(status, "text/plain; charset=utf-8", (sentence + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Without a body. */
    public static HttpResponse empty(int status) {
        return new HttpResponse(status, Map.of(), new Bytes(new byte[0]));
    }

    public HttpResponse with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new HttpResponse(status, more, content);
    }

    /** What is there already. */
    private static final class Bytes implements HttpContent {
        private final byte[] bytes;

        Bytes(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long length() {
            return bytes.length;
        }

        @Override
        public void next(Consumer<byte @Nullable []> then) {
            then.accept(bytes);
        }

        @Override
        public void close() {}
    }
}
