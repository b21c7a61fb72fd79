// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.KeyLogCallback;
import io.netty.internal.tcnative.SSLContext;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exporter master secrets of TLS 1.3 connections that BoringSSL is about to establish.
 *
 * <p>BoringSSL can export keying material, but its Java binding cannot ask for it. It does report the secrets of a
 * handshake to a callback that is meant for key log files; we keep the one that the exporter is derived from, only for
 * handshakes that were announced, only until they are complete. Lines of the callback are never logged.
 */
final class ExporterSecrets implements KeyLogCallback {
    private static final Logger log = LoggerFactory.getLogger(ExporterSecrets.class);

    private static final byte[] LABEL = "EXPORTER_SECRET ".getBytes(StandardCharsets.US_ASCII);

    /** One handshake under way. */
    static final class Expected {
        private final long ssl;
        private volatile byte @Nullable [] secret;

        private Expected(long ssl) {
            this.ssl = ssl;
        }
    }

    /** By the address of the native connection, which is used again once the connection is freed. */
    private final ConcurrentMap<Long, Expected> expected = new ConcurrentHashMap<>();

    /** Whether the context will report its handshakes here. */
    boolean listenTo(ReferenceCountedOpenSslContext context) {
        try {
            // The callback is registered on the binding's own context object. The accessor of the class returns another
            // pointer, and passing that one crashes the process.
            Field field = ReferenceCountedOpenSslContext.class.getDeclaredField("ctx");
            field.setAccessible(true);
            return SSLContext.setKeyLogCallback(field.getLong(context), this);
        } catch (ReflectiveOperationException | RuntimeException e) {
            log.warn("tls-exporter channel binding is not available with this version of Netty: {}", e.toString());
            return false;
        }
    }

    /** Announces a handshake; each must be {@linkplain #take taken}, however it ends. */
    Expected expect(ReferenceCountedOpenSslEngine engine) {
        Expected handshake = new Expected(engine.sslPointer());
        expected.put(handshake.ssl, handshake);
        return handshake;
    }

    @Override
    public void handle(long ssl, byte[] line) {
        Expected handshake = expected.get(ssl);
        if (handshake == null || !startsWith(line, LABEL)) {
            return;
        }
        String text = new String(line, StandardCharsets.US_ASCII).trim();
        handshake.secret = HexFormat.of().parseHex(text.substring(text.lastIndexOf(' ') + 1));
    }

    /** Forgets a handshake; the secret, or null if there was none: TLS 1.2, or the handshake failed. */
    byte @Nullable [] take(Expected handshake) {
        expected.remove(handshake.ssl, handshake);
        byte[] secret = handshake.secret;
        handshake.secret = null;
        return secret;
    }

    /** Handshakes under way. */
    int size() {
        return expected.size();
    }

    private static boolean startsWith(byte[] line, byte[] label) {
        if (line.length < label.length) {
            return false;
        }
        for (int i = 0; i < label.length; i++) {
            if (line[i] != label[i]) {
                return false;
            }
        }
        return true;
    }
}
