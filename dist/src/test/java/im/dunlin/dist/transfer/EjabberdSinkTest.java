// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.auth.ScramKey;
import im.dunlin.core.portable.AccountSink;
import im.dunlin.core.portable.Position;
import im.dunlin.core.portable.ScramCredentials;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EjabberdSinkTest {
    private static final byte[] SALT = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);
    private static final byte[] STORED = ScramHash.SHA_1.hash(SALT);
    private static final byte[] SERVER = ScramHash.SHA_1.hash(STORED);

    private final List<ScramKey> keys = new ArrayList<>();
    private final List<String> passwords = new ArrayList<>();

    private final EjabberdSink sink = new EjabberdSink(new AccountSink() {
        @Override
        public void begin(Position at, String host, String name, @Nullable String password) {
            passwords.add(String.valueOf(password));
        }

        @Override
        public void piece(Position at, Element piece) {
            keys.add(ScramCredentials.parse(piece));
        }

        @Override
        public void end() {}

        @Override
        public void unknown(Position at, Name name) {}
    });

    private static String base64(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }

    private static String twice(byte[] octets) {
        return base64(base64(octets).getBytes(StandardCharsets.UTF_8));
    }

    private void assertThatTheKeyIsRight() {
        assertThat(keys).hasSize(1);
        assertThat(keys.get(0).salt()).isEqualTo(SALT);
        assertThat(keys.get(0).storedKey()).isEqualTo(STORED);
        assertThat(keys.get(0).serverKey()).isEqualTo(SERVER);
        assertThat(keys.get(0).iterations()).isEqualTo(4096);
    }

    @Test
    void valuesThatAreWrittenInBase64TwiceAreReadTwice() throws Exception {
        byte[] salt = base64(SALT).getBytes(StandardCharsets.UTF_8);
        byte[] stored = base64(STORED).getBytes(StandardCharsets.UTF_8);
        byte[] server = base64(SERVER).getBytes(StandardCharsets.UTF_8);

        sink.piece(Position.of("x"), ScramCredentials.of("SCRAM-SHA-1", 4096, salt, server, stored));

        assertThatTheKeyIsRight();
    }

    @Test
    void valuesThatAreWrittenOnceAreReadOnce() throws Exception {
        sink.piece(Position.of("x"), ScramCredentials.of("SCRAM-SHA-1", 4096, SALT, SERVER, STORED));

        assertThatTheKeyIsRight();
    }

    @Test
    void passwordThatIsNoneIsCredentials() throws Exception {
        sink.begin(
                Position.of("x"),
                "h",
                "u",
                "scram:" + base64(STORED) + "," + base64(SERVER) + "," + base64(SALT) + ",4096");

        assertThat(passwords).containsExactly("null");
        assertThatTheKeyIsRight();
    }

    @Test
    void passwordOfThatKindMayNameItsHash() throws Exception {
        sink.begin(
                Position.of("x"),
                "h",
                "u",
                "scram:sha," + twice(STORED) + "," + twice(SERVER) + "," + twice(SALT) + ",4096");

        assertThatTheKeyIsRight();
    }

    @Test
    void plainPasswordStaysOne() throws Exception {
        sink.begin(Position.of("x"), "h", "u", "secret");

        assertThat(passwords).containsExactly("secret");
    }
}
