// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class IdleStreamTest {
    private static final int STREAMS = 4_000;

    /** Reader and assembler of an idle stream; an idle connection may have 10 KiB in all. */
    private static final int BUDGET_BYTES = 4_608;

    @Test
    void idleStreamHoldsLittleOfWhatItRead() {
        Object[] kept = new Object[STREAMS];
        kept[0] = idle(0);
        long before = usedBytes();
        fill(kept);
        long perStream = (usedBytes() - before) / STREAMS;
        assertThat(perStream).isLessThanOrEqualTo(BUDGET_BYTES);
        assertThat(kept).doesNotContainNull();
    }

    private static void fill(Object[] kept) {
        for (int i = 0; i < STREAMS; i++) {
            kept[i] = idle(i);
        }
    }

    private static XmlStreamDecoder idle(int i) {
        Decoding decoding = Decoding.opened();
        // A name the reader has to learn, a large attribute, a long text, then nothing.
        decoding.send("<message><new" + i % 7 + "/></message>");
        decoding.send(
                "<message id='1'><body a='" + "x".repeat(8_000) + "'>" + "y".repeat(20_000) + "</body></message>");
        decoding.send("<message><new" + i % 7 + "/></message> ");
        EmbeddedChannel channel = decoding.channel;
        channel.pipeline().remove(decoding.decoder);
        return decoding.decoder;
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
