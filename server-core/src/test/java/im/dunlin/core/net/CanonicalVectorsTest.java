// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The vectors of ADR 0006. */
class CanonicalVectorsTest {

    @Test
    void canonicalFormIsThatOfTheGoldenFile() throws IOException {
        List<String> lines;
        try (InputStream in = CanonicalVectorsTest.class.getResourceAsStream("/golden/canonical.txt")) {
            lines = new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        }
        assertThat(lines).hasSizeGreaterThan(30);
        for (int i = 0; i < lines.size(); i += 3) {
            Payload payload = received(lines.get(i), lines.get(i + 1));
            String kept = lines.get(i + 2);
            assertThat(new String(payload.bytes(), UTF_8)).isEqualTo(kept);
            for (Element child : Payload.parse(kept.getBytes(UTF_8)).children()) {
                assertThat(kept).contains(child.toString());
            }
        }
    }

    private static Payload received(String contentNamespace, String inside) {
        return new Decoding(contentNamespace, DecoderLimits.SERVER)
                .send(Decoding.OPEN.replace("jabber:client", contentNamespace))
                .send("<message>" + inside + "</message>")
                .stanza()
                .payload();
    }
}
