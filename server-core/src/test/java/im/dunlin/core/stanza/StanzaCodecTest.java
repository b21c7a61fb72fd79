// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.CorruptionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StanzaCodecTest {
    private static final Jid TO = Jid.of("juliet@capulet.example");
    private static final Jid FROM = Jid.of("romeo@montague.example/orchard");

    private static Map<String, Stanza> stanzas() {
        Map<String, Stanza> stanzas = new LinkedHashMap<>();
        stanzas.put(
                "message",
                Message.chat(TO, "Art thou not Romeo, and a Montague?")
                        .withHeader(new Header(TO, FROM, "m1", "en"))
                        .adding(new StanzaId("1700000000000000", TO).element()));
        stanzas.put("empty", Message.of(Message.Type.NORMAL, null));
        stanzas.put("presence", Presence.of(Presence.Type.SUBSCRIBE, FROM, TO));
        stanzas.put(
                "iq",
                Iq.get(TO, "1", Element.of(Name.of("urn:xmpp:ping", "ping"))).withFrom(FROM));
        return stanzas;
    }

    /** What was written once is read for ever: this file only grows. */
    @Test
    void formatIsThatOfTheGoldenFile() throws IOException {
        Properties golden = new Properties();
        try (InputStream in = StanzaCodecTest.class.getResourceAsStream("/golden/stanzas.txt")) {
            golden.load(in);
        }
        assertThat(golden.stringPropertyNames()).isEqualTo(stanzas().keySet());
        stanzas().forEach((name, stanza) -> {
            assertThat(HexFormat.of().formatHex(StanzaCodec.encode(stanza)))
                    .as(name)
                    .isEqualTo(golden.get(name));
            assertThat(StanzaCodec.decode(HexFormat.of().parseHex((String) golden.get(name))))
                    .as(name)
                    .isEqualTo(stanza);
        });
    }

    @Test
    void everyTypeHasItsNumber() {
        List<Stanza> all = new ArrayList<>();
        for (Message.Type type : Message.Type.values()) {
            all.add(Message.of(type, TO));
        }
        for (Presence.Type type : Presence.Type.values()) {
            all.add(Presence.of(type, FROM, TO));
        }
        for (Iq.Type type : Iq.Type.values()) {
            all.add(Iq.of(Header.EMPTY, type, Payload.EMPTY));
        }
        for (Stanza stanza : all) {
            assertThat(StanzaCodec.decode(StanzaCodec.encode(stanza))).isEqualTo(stanza);
        }
    }

    @Test
    void damagedBytesAreCorruptionAndNothingElse() {
        Random random = new Random(359);
        for (Stanza stanza : stanzas().values()) {
            byte[] bytes = StanzaCodec.encode(stanza);
            for (int i = 0; i < bytes.length; i++) {
                byte[] cut = Arrays.copyOf(bytes, i);
                assertThatThrownBy(() -> StanzaCodec.decode(cut)).isInstanceOf(CorruptionException.class);
            }
            for (int i = 0; i < 2_000; i++) {
                byte[] damaged = bytes.clone();
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
                try {
                    StanzaCodec.decode(damaged);
                } catch (CorruptionException e) {
                    // As promised.
                }
            }
        }
    }
}
