// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import javax.xml.stream.XMLStreamException;
import org.junit.jupiter.api.Test;

class XmlProperties {
    private static final long SEED = 6120;

    @Test
    void canonicalBytesParseBackToTheSameTree() {
        RandomXml xml = new RandomXml(SEED);
        for (int i = 0; i < 5_000; i++) {
            Element element = xml.element(4);
            byte[] canonical = Payload.of(element).bytes();
            Element read = Element.parse(canonical);
            assertThat(read).as("seed %d, round %d", SEED, i).isEqualTo(element);
            assertThat(Payload.of(read).bytes()).isEqualTo(canonical);
        }
    }

    @Test
    void theJdkReadsTheSameFromCanonicalBytes() throws XMLStreamException {
        RandomXml xml = new RandomXml(SEED + 1);
        for (int i = 0; i < 2_000; i++) {
            Element element = xml.element(4);
            Element read =
                    Xml.document("<x xmlns='jabber:client'>" + element + "</x>").firstChild();
            assertThat(read).as("seed %d, round %d", SEED, i).isEqualTo(element);
        }
    }

    @Test
    void payloadIsTheSequenceOfItsChildren() {
        RandomXml xml = new RandomXml(SEED + 2);
        for (int i = 0; i < 2_000; i++) {
            Element[] children = new Element[xml.random().nextInt(5)];
            Arrays.setAll(children, c -> xml.element(2));
            Payload payload = Payload.of(children);
            assertThat(payload.children()).containsExactly(children);
            Payload stored = Payload.parse(payload.bytes());
            assertThat(stored.names()).isEqualTo(payload.names());
            assertThat(stored.children()).containsExactly(children);
        }
    }

    @Test
    void whatTheReaderAcceptsIsCanonical() {
        RandomXml xml = new RandomXml(SEED + 3);
        Random random = xml.random();
        int accepted = 0;
        for (int i = 0; i < 30_000; i++) {
            byte[] bytes = Payload.of(xml.element(2)).bytes().clone();
            for (int j = random.nextInt(2); j >= 0; j--) {
                mutate(random, bytes);
            }
            int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
            byte[] mutated = Arrays.copyOf(bytes, length);
            Element element;
            try {
                element = Element.parse(mutated);
            } catch (CanonicalFormException e) {
                continue;
            }
            accepted++;
            assertThat(Payload.of(element).bytes())
                    .as("seed %d, round %d", SEED, i)
                    .isEqualTo(mutated);
        }
        assertThat(accepted).isGreaterThan(1_000);
    }

    private static void mutate(Random random, byte[] bytes) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(3)) {
            case 0 -> bytes[at] = (byte) random.nextInt(256);
            case 1 -> bytes[at] = (byte) "<>/'\"&; =x:\r\n\t".charAt(random.nextInt(14));
            default -> bytes[at] = bytes[random.nextInt(bytes.length)];
        }
    }
}
