// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the one extension of a ClientHello (RFC 8446 section 4.1.2) that the TLS providers treat differently. */
final class ClientHello {
    private static final int ALPN = 16;

    private ClientHello() {}

    /**
     * The application protocols that the client offers (RFC 7301), or null if it offers none or cannot be understood:
     * that is for the TLS engine to say.
     *
     * @param hello the body of the handshake message; its reader index is left alone
     */
    static @Nullable List<String> protocols(ByteBuf hello) {
        ByteBuf in = hello.duplicate();
        try {
            in.skipBytes(2 + 32);
            in.skipBytes(in.readUnsignedByte());
            in.skipBytes(in.readUnsignedShort());
            in.skipBytes(in.readUnsignedByte());
            ByteBuf extensions = in.readSlice(in.readUnsignedShort());
            while (extensions.isReadable()) {
                int type = extensions.readUnsignedShort();
                ByteBuf body = extensions.readSlice(extensions.readUnsignedShort());
                if (type == ALPN) {
                    return names(body.readSlice(body.readUnsignedShort()));
                }
            }
            return null;
        } catch (IndexOutOfBoundsException e) {
            return null;
        }
    }

    private static List<String> names(ByteBuf list) {
        List<String> names = new ArrayList<>();
        while (list.isReadable()) {
            names.add(list.readCharSequence(list.readUnsignedByte(), StandardCharsets.ISO_8859_1)
                    .toString());
        }
        return names;
    }
}
