// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.storage.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StanzaSplitterTest {
    private static final String HEADER = "<?xml version='1.0'?><stream:stream from='a.example' version='1.0'>";
    private static final List<String> ELEMENTS = List.of(
            "<stream:features><bind/></stream:features>",
            "<presence/>",
            "<message id='1'><body>1 &lt; 2 and 3 > 2, ünïcödé</body></message>",
            "<message id='a>b' to=\"it's/>\"><x a='/'/></message>",
            "<iq><query><query/></query></iq>");

    private final List<String> came = new ArrayList<>();
    private final StanzaSplitter.Sink sink = new StanzaSplitter.Sink() {
        @Override
        public void opened(Received header) {
            came.add("opened");
        }

        @Override
        public void element(Received element) {
            came.add(element.toString());
        }

        @Override
        public void closed() {
            came.add("closed");
        }
    };

    @Test
    void elementsComeWholeHoweverTheStreamIsCut() {
        byte[] stream = (HEADER + String.join(" \n", ELEMENTS) + "</stream:stream>").getBytes(StandardCharsets.UTF_8);
        List<String> expected = new ArrayList<>(ELEMENTS);
        expected.add(0, "opened");
        expected.add("closed");
        long seed = Seed.next();
        Random random = new Random(seed);
        for (int run = 0; run < 200; run++) {
            came.clear();
            StanzaSplitter splitter = new StanzaSplitter(10_000, 0);
            for (int at = 0; at < stream.length; ) {
                int length = Math.min(stream.length - at, 1 + random.nextInt(1 + run));
                splitter.feed(Unpooled.wrappedBuffer(stream, at, length), sink);
                at += length;
            }
            assertThat(came).as("seed " + seed).isEqualTo(expected);
        }
    }

    @Test
    void aStreamBeginsAgainAfterAuthentication() {
        StanzaSplitter splitter = new StanzaSplitter(1_000, 0);
        splitter.feed(bytes(HEADER + "<success/>"), sink);
        splitter.restart();
        splitter.feed(bytes(HEADER + "<presence/>"), sink);
        assertThat(came).containsExactly("opened", "<success/>", "opened", "<presence/>");
    }

    @Test
    void elementsOfWebSocketMessagesAreInNoDocument() {
        StanzaSplitter splitter = new StanzaSplitter(1_000, 1);
        splitter.feed(bytes("<open/><message><body>hello</body></message>"), sink);
        splitter.restart();
        splitter.feed(bytes("<open/><close/>"), sink);
        assertThat(came).containsExactly("<open/>", "<message><body>hello</body></message>", "<open/>", "<close/>");
    }

    @Test
    void aLongElementEndsTheStream() {
        StanzaSplitter splitter = new StanzaSplitter(100, 0);
        splitter.feed(bytes("<stream:stream><message>"), sink);
        assertThatThrownBy(() -> splitter.feed(bytes("x".repeat(100)), sink)).hasMessageContaining("100 bytes");
    }

    @Test
    void aCommentEndsTheStream() {
        assertThatThrownBy(() -> new StanzaSplitter(100, 0).feed(bytes("<stream:stream><!-- -->"), sink))
                .isInstanceOf(IllegalStateException.class);
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }
}
