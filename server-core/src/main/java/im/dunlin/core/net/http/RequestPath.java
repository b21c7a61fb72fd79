// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.http;

import im.dunlin.core.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Decodes paths. There is one reading of each: what another program might resolve, decode again or take for a separator is
 * refused, not repaired (threat H01).
 */
final class RequestPath {
    private static final int HEX = 16;

    private RequestPath() {}

    /** @param raw the path of a request's target, without query */
    static String decode(String raw) throws RefusedRequestException {
        if (!raw.startsWith("/")) {
            throw bad();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                int high = digit(raw, i + 1);
                int low = digit(raw, i + 2);
                if (high < 0 || low < 0) {
                    throw bad();
                }
                bytes.write(high * HEX + low);
                i += 2;
            } else if (c <= ' ' || c >= 0x7f) {
                throw bad();
            } else {
                bytes.write(c);
            }
        }
        String path = text(bytes.toByteArray());
        boolean odd = path.chars().anyMatch(c -> c < ' ' || c == '\\' || c == 0x7f);
        if (odd || path.contains("//") || (path + "/").contains("/./") || (path + "/").contains("/../")) {
            throw bad();
        }
        return path;
    }

    private static int digit(String raw, int at) {
        char c = at < raw.length() ? raw.charAt(at) : '-';
        return c < 0x80 ? Character.digit(c, HEX) : -1;
    }

    private static String text(byte[] utf8) throws RefusedRequestException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw bad();
        }
    }

    private static RefusedRequestException bad() {
        return new RefusedRequestException(HttpResponse.BAD_REQUEST, "The path of this request is malformed.");
    }
}
