// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.http;

import im.dunlin.core.http.HttpRequest;
import im.dunlin.core.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The opening handshake of a WebSocket (RFC 6455 §4.2), for XMPP alone (RFC 7395 §3.1). */
final class WebSocketHandshake {
    static final String PROTOCOL = "xmpp";

    private static final String VERSION = "13";
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;

    private WebSocketHandshake() {}

    /** What {@code Sec-WebSocket-Accept} says, if the handshake is right and the client may. */
    static String accept(HttpRequest request, HttpServer server) throws RefusedRequestException {
        if (!request.secure()) {
            throw new RefusedRequestException(HttpResponse.FORBIDDEN, "Use wss.");
        }
        String origin = request.header("origin");
        if (origin != null && !server.isAllowed(origin, request.header("host"))) {
            throw new RefusedRequestException(HttpResponse.FORBIDDEN, "Web clients of this site may not connect here.");
        }
        if (!has(request.header("upgrade"), "websocket") || !has(request.header("connection"), "upgrade")) {
            throw new RefusedRequestException(
                    HttpResponse.text(HttpResponse.UPGRADE_REQUIRED, "This is where XMPP clients connect by WebSocket.")
                            .with("Upgrade", "websocket")
                            .with("Connection", "Upgrade"));
        }
        if (!VERSION.equals(request.header("sec-websocket-version"))) {
            throw new RefusedRequestException(
                    HttpResponse.text(HttpResponse.UPGRADE_REQUIRED, "Only version 13 is spoken here.")
                            .with("Sec-WebSocket-Version", VERSION));
        }
        String key = request.header("sec-websocket-key");
        if (!request.method().equals("GET") || request.length() != 0 || key == null || !isKey(key)) {
            throw new RefusedRequestException(HttpResponse.BAD_REQUEST, "This is no opening handshake.");
        }
        if (!has(request.header("sec-websocket-protocol"), PROTOCOL)) {
            throw new RefusedRequestException(HttpResponse.BAD_REQUEST, "Only the subprotocol xmpp is spoken here.");
        }
        return answer(key);
    }

    private static boolean has(@Nullable String list, String wanted) {
        return list != null
                && Arrays.stream(list.split(",", -1))
                        .anyMatch(each -> each.strip().equalsIgnoreCase(wanted));
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String answer(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
