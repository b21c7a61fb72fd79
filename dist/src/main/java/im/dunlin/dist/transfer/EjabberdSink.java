// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.transfer;

import im.dunlin.core.portable.AccountSink;
import im.dunlin.core.portable.PortableException;
import im.dunlin.core.portable.Position;
import im.dunlin.core.portable.ScramCredentials;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts right what is special in exports of ejabberd ({@code ejabberdctl export_piefxis}): versions up to 23 write salt and keys of
 * SCRAM in base64 twice, and older ones write all of it as a password.
 */
public final class EjabberdSink implements AccountSink {
    private static final String SCRAM = "scram:";

    /** Octets of a key by the mechanism. */
    private static final Map<String, Integer> KEYS =
            Map.of("SCRAM-SHA-1", 20, "SCRAM-SHA-256", 32, "SCRAM-SHA-512", 64);

    private static final Map<String, String> HASHES =
            Map.of("sha", "SCRAM-SHA-1", "sha256", "SCRAM-SHA-256", "sha512", "SCRAM-SHA-512");

    private final AccountSink sink;

    /** @param sink is given what is right */
    public EjabberdSink(AccountSink sink) {
        this.sink = sink;
    }

    @Override
    public void begin(Position at, String host, String name, @Nullable String password) throws PortableException {
        if (password == null || !password.startsWith(SCRAM)) {
            sink.begin(at, host, name, password);
            return;
        }
        sink.begin(at, host, name, null);
        Element credentials = ofPassword(password.substring(SCRAM.length()).split(",", -1));
        if (credentials != null) {
            sink.piece(at, credentials);
        }
    }

    /** Four parts, or five with the hash before them: stored key, server key, salt, iterations. */
    private static @Nullable Element ofPassword(String[] parts) {
        int first = parts.length - 4;
        String mechanism = first == 0 ? "SCRAM-SHA-1" : first == 1 ? HASHES.get(parts[0]) : null;
        try {
            return mechanism == null
                    ? null
                    : ScramCredentials.of(
                            mechanism,
                            Integer.parseInt(parts[first + 3]),
                            once(mechanism, parts[first], parts[first + 2]),
                            once(mechanism, parts[first + 1], parts[first + 1]),
                            once(mechanism, parts[first], parts[first]));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Override
    public void piece(Position at, Element piece) throws PortableException {
        boolean isScram = piece.is(ScramCredentials.NAME) && piece.attr("mechanism") != null;
        sink.piece(at, isScram ? once(piece) : piece);
    }

    /** The credentials with each value in base64 once. */
    private static Element once(Element credentials) {
        String mechanism = credentials.requireAttr("mechanism");
        String[] values = new String[4];
        String[] names = {"salt", "server-key", "stored-key", "iter-count"};
        for (int i = 0; i < names.length; i++) {
            String text = credentials.text(Name.of(ScramCredentials.NAME.namespace(), names[i]));
            if (text == null || !KEYS.containsKey(mechanism)) {
                return credentials;
            }
            values[i] = text.strip();
        }
        try {
            return ScramCredentials.of(
                    mechanism,
                    Integer.parseInt(values[3]),
                    once(mechanism, values[2], values[0]),
                    once(mechanism, values[1], values[1]),
                    once(mechanism, values[2], values[2]));
        } catch (IllegalArgumentException e) {
            return credentials;
        }
    }

    /**
     * A value without its base64.
     *
     * @param key of the same credentials, whose length tells how often it was written so
     */
    private static byte[] once(String mechanism, String key, String value) {
        Base64.Decoder base64 = Base64.getDecoder();
        boolean isTwice = base64.decode(key).length != KEYS.getOrDefault(mechanism, 0);
        byte[] decoded = base64.decode(value);
        return isTwice ? base64.decode(new String(decoded, StandardCharsets.US_ASCII)) : decoded;
    }

    @Override
    public void end() throws PortableException {
        sink.end();
    }

    @Override
    public void broken(PortableException why) throws PortableException {
        sink.broken(why);
    }

    @Override
    public void unknown(Position at, Name name) {
        sink.unknown(at, name);
    }
}
