// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a stream looks like in frames: each element a document with all its namespaces (RFC 7395 §3.3). */
class FrameWriterTest {
    private final FrameWriter writer = new FrameWriter();

    private static ByteBuf written(Consumer<ByteBuf> what) {
        ByteBuf out = Unpooled.buffer();
        what.accept(out);
        return out;
    }

    /** The text of the one frame. */
    private static String text(Consumer<ByteBuf> what) {
        ByteBuf out = written(what);
        assertThat(out.readByte()).isEqualTo((byte) 0x81);
        int length = out.readByte();
        length = length == 126 ? out.readUnsignedShort() : length == 127 ? (int) out.readLong() : length;
        assertThat(length).isEqualTo(out.readableBytes());
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void headerIsOpen() {
        assertThat(text(out -> writer.header(out, Jid.of("localhost"), null, "a1", "en")))
                .isEqualTo("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='localhost' id='a1' version='1.0'"
                        + " xml:lang='en'/>");
    }

    @Test
    void stanzaDeclaresItsNamespace() {
        assertThat(text(out -> writer.stanza(out, Message.chat(Jid.of("romeo@localhost"), "hi"))))
                .isEqualTo("<message xmlns='jabber:client' to='romeo@localhost' type='chat'><body>hi</body></message>");
    }

    @Test
    void streamErrorHasThePrefixThatClientsKnow() {
        assertThat(text(out -> writer.error(out, StreamError.of(StreamError.Condition.CONFLICT))))
                .isEqualTo("<stream:error xmlns:stream='http://etherx.jabber.org/streams'>"
                        + "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
    }

    @Test
    void otherElementsStandAsTheyAre() {
        assertThat(text(out -> writer.nonza(out, Element.of(Name.of("urn:xmpp:sm:3", "r")))))
                .isEqualTo("<r xmlns='urn:xmpp:sm:3'/>");
    }

    @Test
    void lengthsHaveTheirThreeForms() {
        for (int length : new int[] {1, 20, 60, 100, 1000, 65_300, 65_500, 70_000}) {
            assertThat(text(out -> writer.nonza(out, Element.of(Name.of(Ns.CLIENT, "a"), "x".repeat(length)))))
                    .contains("x".repeat(length));
        }
    }

    @Test
    void endClosesTheStreamAndThenTheCarrier() {
        ByteBuf out = written(writer::end);
        String close = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";

        assertThat(out.readShort()).isEqualTo((short) (0x8100 | close.length()));
        assertThat(out.readCharSequence(close.length(), StandardCharsets.UTF_8)).isEqualTo(close);
        assertThat(out.readInt()).isEqualTo(0x8802_03E8);
        assertThat(out.isReadable()).isFalse();
    }
}
