// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import im.dunlin.core.net.StreamEvent.StanzaReceived;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;

/** Any bytes. A normal test run replays the kept inputs ({@code FuzzCorpusTest}); {@code .ci/fuzz} looks for new ones. */
public class DecoderFuzz {

    /**
     * However a stream is cut, the same events come out, and what is emitted can be written and read again. The first
     * byte says how it is cut, and whether the stream header comes before it.
     */
    @FuzzTest(maxDuration = "45s")
    public void decoderEmitsTheSameHoweverTheStreamIsCut(byte[] data) {
        int cut = data.length == 0 ? 1 : 1 + (data[0] & 0x3F);
        boolean opened = data.length > 0 && data[0] >= 0;
        byte[] bytes = data.length == 0 ? data : Arrays.copyOfRange(data, 1, data.length);
        Decoding whole = begin(opened).send(bytes);
        Decoding pieces = begin(opened);
        for (int at = 0; at < bytes.length; at += cut) {
            pieces.send(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + cut)));
        }
        assertThat(pieces.comparable()).isEqualTo(whole.comparable());
        for (StreamEvent event : whole.events) {
            if (event instanceof StanzaReceived received) {
                ByteBuf out = Unpooled.buffer();
                new StanzaWriter(Ns.CLIENT).stanza(out, received.stanza());
                Decoding again = Decoding.opened(DecoderLimits.SERVER).send(ByteBufUtil.getBytes(out));
                out.release();
                assertThat(again.stanza()).isEqualTo(received.stanza());
                assertThat(received.stanza().payload().children()).hasSameSizeAs(names(received));
            }
        }
    }

    private static List<?> names(StanzaReceived received) {
        return received.stanza().payload().names();
    }

    private static Decoding begin(boolean opened) {
        return opened ? Decoding.opened() : Decoding.client();
    }
}
