// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.net.StreamEvent.StanzaReceived;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError.Condition;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.RandomXml;
import im.dunlin.core.xml.Xml;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import javax.xml.stream.XMLStreamException;
import org.junit.jupiter.api.Test;

class DecoderProperties {
    private static final long SEED = 1999;

    private static final Pattern BEGINS_WITH_COLON = Pattern.compile("[\\s</]:");

    /** A stream of stanzas with random children, closed. */
    private static String stream(RandomXml xml, int stanzas) {
        Random random = xml.random();
        StringBuilder stream = new StringBuilder();
        if (random.nextBoolean()) {
            stream.append("<?xml version='1.0' encoding='UTF-8'?>");
        }
        stream.append(Decoding.OPEN);
        for (int i = 0; i < stanzas; i++) {
            stream.append(" \n".repeat(random.nextInt(2)));
            String kind = random.nextBoolean() ? "message" : "presence";
            stream.append('<').append(kind).append(" id='").append(i).append("'>");
            for (int j = random.nextInt(4); j > 0; j--) {
                stream.append(xml.loose(xml.element(3)));
            }
            stream.append("</").append(kind).append('>');
        }
        return stream.append("</stream:stream>").toString();
    }

    private static List<Object> whole(byte[] bytes) {
        return Decoding.client().send(bytes).comparable();
    }

    @Test
    void stanzasAreWhatTheJdkReads() throws XMLStreamException {
        RandomXml xml = new RandomXml(SEED);
        for (int i = 0; i < 1_000; i++) {
            String stream = stream(xml, 3);
            List<Element> expected = Xml.document(stream).children();
            Decoding decoding = Decoding.client().send(stream);
            List<Element> read = new ArrayList<>();
            for (StreamEvent event : decoding.events) {
                if (event instanceof StanzaReceived received) {
                    Stanza stanza = received.stanza();
                    read.add(Element.builder(im.dunlin.core.xml.Name.of(Ns.CLIENT, stanza.kind()))
                            .attr("id", stanza.id())
                            .children(stanza.payload().children())
                            .build());
                }
            }
            assertThat(read).as("seed %d, round %d", SEED, i).isEqualTo(expected);
        }
    }

    @Test
    void everySplitGivesTheSameEvents() {
        RandomXml xml = new RandomXml(SEED + 1);
        for (int i = 0; i < 6; i++) {
            byte[] bytes = stream(xml, 2).getBytes(UTF_8);
            List<Object> expected = whole(bytes);
            for (int split = 1; split < bytes.length; split++) {
                List<Object> events = Decoding.client()
                        .send(Arrays.copyOf(bytes, split))
                        .send(Arrays.copyOfRange(bytes, split, bytes.length))
                        .comparable();
                assertThat(events)
                        .as("seed %d, round %d, split %d", SEED, i, split)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void twoConnectionsOnOneLoopDoNotMix() {
        RandomXml xml = new RandomXml(SEED + 2);
        Random random = xml.random();
        for (int i = 0; i < 100; i++) {
            byte[][] streams = {stream(xml, 3).getBytes(UTF_8), stream(xml, 3).getBytes(UTF_8)};
            Decoding[] decodings = {Decoding.client(), Decoding.client()};
            int[] sent = new int[2];
            while (sent[0] < streams[0].length || sent[1] < streams[1].length) {
                int which = random.nextInt(2);
                int to = Math.min(streams[which].length, sent[which] + random.nextInt(20));
                decodings[which].send(Arrays.copyOfRange(streams[which], sent[which], to));
                sent[which] = to;
            }
            for (int which = 0; which < 2; which++) {
                assertThat(decodings[which].comparable())
                        .as("seed %d, round %d", SEED, i)
                        .isEqualTo(whole(streams[which]));
            }
        }
    }

    @Test
    void damagedStreamsGiveTheSameEventsHoweverTheyAreCut() {
        RandomXml xml = new RandomXml(SEED + 3);
        Random random = xml.random();
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = damaged(random, stream(xml, 2).getBytes(UTF_8));
            List<Object> expected = whole(bytes);
            assertThat(Decoding.client().sendBytewise(bytes).comparable())
                    .as("seed %d, round %d: %s", SEED, i, new String(bytes, UTF_8))
                    .isEqualTo(expected);
            Decoding cut = Decoding.client();
            for (int at = 0; at < bytes.length; ) {
                int to = Math.min(bytes.length, at + 1 + random.nextInt(60));
                cut.send(Arrays.copyOfRange(bytes, at, to));
                at = to;
            }
            assertThat(cut.comparable())
                    .as("seed %d, round %d: %s", SEED, i, new String(bytes, UTF_8))
                    .isEqualTo(expected);
        }
    }

    /** A stream that we read to its end is well-formed for the JDK too, and means the same there. */
    @Test
    void nothingIsAcceptedThatTheJdkRefuses() throws XMLStreamException {
        RandomXml xml = new RandomXml(SEED + 4);
        Random random = xml.random();
        int accepted = 0;
        for (int i = 0; i < 3_000; i++) {
            byte[] bytes = damaged(random, stream(xml, 1).getBytes(UTF_8));
            Decoding decoding = Decoding.client().send(bytes);
            boolean complete = decoding.events.size() == 3 && decoding.last() instanceof StreamEvent.StreamClosed;
            if (!complete || !(decoding.events.get(1) instanceof StanzaReceived received)) {
                continue;
            }
            accepted++;
            List<Element> read;
            try {
                read = Xml.document(new String(bytes, UTF_8)).children().get(0).children();
            } catch (XMLStreamException e) {
                throw new AssertionError("seed " + SEED + ", round " + i + ": " + new String(bytes, UTF_8), e);
            }
            assertThat(received.stanza().payload().children())
                    .as("seed %d, round %d", SEED, i)
                    .isEqualTo(read);
        }
        assertThat(accepted).isGreaterThan(100);
    }

    /** What the JDK reads is not called malformed by us; it may still be forbidden in XMPP. */
    @Test
    void nothingWellFormedIsCalledMalformed() {
        RandomXml xml = new RandomXml(SEED + 5);
        Random random = xml.random();
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = damaged(random, stream(xml, 1).getBytes(UTF_8));
            String text = new String(bytes, UTF_8);
            // The JDK takes names that begin with a colon, and does not mind the encoding of characters.
            if (!text.replace("<?xml version='1.0' encoding='UTF-8'?>", "").startsWith("<stream")
                    || !Arrays.equals(text.getBytes(UTF_8), bytes)
                    || BEGINS_WITH_COLON.matcher(text).find()) {
                continue;
            }
            try {
                Xml.document(text);
            } catch (XMLStreamException e) {
                continue;
            }
            assertThat(Decoding.client().send(bytes).violation())
                    .as("seed %d, round %d: %s", SEED, i, text)
                    .isNotEqualTo(Condition.NOT_WELL_FORMED);
        }
    }

    private static byte[] damaged(Random random, byte[] bytes) {
        byte[] damaged = bytes.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(damaged.length);
            switch (random.nextInt(5)) {
                case 0 -> damaged[at] = (byte) random.nextInt(256);
                case 1 -> damaged[at] = (byte) "<>/'\"&;!?[]-=: 1".charAt(random.nextInt(16));
                case 2 -> damaged[at] = damaged[random.nextInt(damaged.length)];
                case 3 ->
                    damaged = insert(
                            damaged,
                            at,
                            new String[] {
                                        "<!-- -->",
                                        "<?x?>",
                                        "<!DOCTYPE a>",
                                        "&nbsp;",
                                        "<![CDATA[x]]>",
                                        "]]>",
                                        "<a",
                                        "</",
                                        "\u0001",
                                        "&#1;"
                                    }
                                    [random.nextInt(10)]);
                default -> damaged = insert(damaged, at, "\uD83D\uDE00");
            }
        }
        return damaged;
    }

    private static byte[] insert(byte[] bytes, int at, String text) {
        byte[] more = text.getBytes(UTF_8);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + more.length);
        System.arraycopy(bytes, at, longer, at + more.length, bytes.length - at);
        System.arraycopy(more, 0, longer, at, more.length);
        return longer;
    }
}
