// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.http.HttpExchange;
import im.dunlin.core.http.HttpResponse;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Ns;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request of BOSH that was read (XEP-0124 §9).
 *
 * @param rid its number in the session
 * @param attributes as {@link StreamEvent.BodyOpened} has them
 * @param content what is in it
 * @param size its bytes
 * @param exchange waits for the answer
 */
record BoshBody(long rid, Map<String, String> attributes, List<StreamEvent> content, int size, HttpExchange exchange) {
    /** RFC 2616 knew no larger number that JavaScript counts exactly (XEP-0124 §14.1). */
    private static final long MOST = (1L << 53) - 1;

    private static final int MAX_DIGITS = 16;

    private static final byte[] END = "</body>".getBytes(StandardCharsets.US_ASCII);

    @Nullable
    String attribute(String name) {
        return attributes.get(name);
    }

    boolean has(String name, String value) {
        return value.equals(attributes.get(name));
    }

    /** The number that an attribute has; -1 if it is no whole number of 0 or more that the protocol allows. */
    static long number(@Nullable String text) {
        if (text == null || text.isEmpty() || text.length() > MAX_DIGITS) {
            return -1;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return -1;
            }
        }
        long number = Long.parseLong(text);
        return number <= MOST ? number : -1;
    }

    /** An answer with these attributes around these elements. */
    static byte[] answer(Map<String, String> attributes, byte[] content) {
        CanonicalWriter start = new CanonicalWriter("").start(Ns.HTTP_BIND, "body");
        attributes.forEach(start::attr);
        ByteArrayOutputStream answer = new ByteArrayOutputStream(start.size() + content.length + 128);
        answer.write(start.array(), 0, start.size());
        answer.writeBytes((" xmlns:stream='" + Ns.STREAMS + "' xmlns:xmpp='" + Ns.XBOSH + "' xmpp:version='1.0'"
                        + " xmpp:restartlogic='true'>")
                .getBytes(StandardCharsets.US_ASCII));
        answer.writeBytes(content);
        answer.writeBytes(END);
        return answer.toByteArray();
    }

    /** The end of a session, or of what is none (XEP-0124 §17.2). */
    static byte[] terminate(@Nullable String condition) {
        return answer(
                condition == null ? Map.of("type", "terminate") : Map.of("type", "terminate", "condition", condition),
                new byte[0]);
    }

    /** What answers a request when the same one has come again in its place (XEP-0124 §14.3). */
    static void again(HttpExchange exchange) {
        respond(exchange, answer(Map.of("type", "error"), new byte[0]));
    }

    static void respond(HttpExchange exchange, byte[] answer) {
        exchange.respond(HttpResponse.of(HttpResponse.OK, "text/xml; charset=utf-8", answer));
    }
}
