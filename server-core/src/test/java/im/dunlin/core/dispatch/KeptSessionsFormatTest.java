// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.stanza.StanzaCodec;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.Values;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class KeptSessionsFormatTest {
    private static final KeptSessions.Count COUNT = new KeptSessions.Count(300, 1_767_225_600_000_000L);
    private static final KeptSessions.Kept KEPT = new KeptSessions.Kept(
            "juliet@capulet.example/balcony",
            300,
            0xFFFF_FFFEL,
            300,
            List.of(StanzaCodec.encode(
                    TestStanzas.parse("<message from='romeo@montague.example/orchard' id='m1' type='chat'>"
                            + "<body>Art thou there?</body></message>"))),
            List.of(new KeptSessions.Attribute("carbons", Values.PRESENT.write(true))));

    private static byte[] golden(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(KeptSessionsFormatTest.class.getResourceAsStream("/golden/" + name + ".hex"))) {
            return HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", ""));
        }
    }

    private static <T> void isGolden(String name, ValueCodec<T> codec, T value) throws IOException {
        byte[] golden = golden(name);

        assertThat(HexFormat.of().formatHex(codec.write(value)))
                .isEqualTo(HexFormat.of().formatHex(golden));
        assertThat(codec.write(codec.read(golden))).isEqualTo(golden);
        for (int length = 0; length < golden.length; length++) {
            byte[] cut = Arrays.copyOf(golden, length);
            assertThatThrownBy(() -> codec.read(cut)).isInstanceOf(CorruptionException.class);
        }
    }

    @Test
    void countStaysReadable() throws IOException {
        isGolden("sm-handled-1", KeptSessions.HANDLED.values(), COUNT);
    }

    @Test
    void sessionStaysReadable() throws IOException {
        isGolden("sm-session-1", KeptSessions.SESSIONS.values(), KEPT);
    }
}
