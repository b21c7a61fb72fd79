// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One JSON object a line, over the local socket: one request, one answer, and the connection ends. */
final class Wire {
    /**
     * A page of accounts fits: {@link Administration#PAGE} JIDs without resource, each at most 2047 bytes. So does the largest
     * piece of an account, with every character of it escaped.
     */
    static final int MAX_LINE_BYTES = 8 << 20;

    private static final JsonMapper JSON = new JsonMapper();

    private Wire() {}

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static void write(SocketChannel channel, ObjectNode object) throws IOException {
        ByteBuffer line = ByteBuffer.wrap((JSON.writeValueAsString(object) + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
            channel.write(line);
        }
    }

    /** @throws IOException also when the line is too long, cut off, or no JSON object */
    static ObjectNode read(SocketChannel channel) throws IOException {
        ByteBuffer line = ByteBuffer.allocate(4_096);
        while (true) {
            if (channel.read(line) < 0) {
                throw new IOException("the other side has closed the connection");
            }
            if (line.get(line.position() - 1) == '\n') {
                return parse(line);
            }
            if (!line.hasRemaining()) {
                if (line.capacity() >= MAX_LINE_BYTES) {
                    throw new IOException("a line of more than " + MAX_LINE_BYTES + " bytes");
                }
                line = ByteBuffer.allocate(line.capacity() * 2).put(line.flip());
            }
        }
    }

    private static ObjectNode parse(ByteBuffer line) throws IOException {
        try {
            JsonNode node = JSON.readTree(line.array(), 0, line.position());
            if (node instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            // Without the cause: its message quotes the line, which may hold a password.
            throw new IOException("a line that is not JSON");
        }
        throw new IOException("a line that is no JSON object");
    }
}
