// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.net.StreamEvent.NonzaReceived;
import im.dunlin.core.net.StreamEvent.StreamClosed;
import im.dunlin.core.net.StreamEvent.StreamOpened;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.core.xml.RandomXml;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class StanzaWriterTest {
    private final StanzaWriter writer = new StanzaWriter(Ns.CLIENT);

    private static byte[] written(Consumer<ByteBuf> write) {
        ByteBuf out = Unpooled.buffer();
        write.accept(out);
        byte[] bytes = ByteBufUtil.getBytes(out);
        out.release();
        return bytes;
    }

    @Test
    void headerOpensAStream() {
        byte[] header = written(
                out -> writer.header(out, Jid.of("capulet.example"), Jid.of("juliet@capulet.example"), "a'b", "en"));
        assertThat(new String(header, StandardCharsets.UTF_8))
                .isEqualTo("<?xml version='1.0'?><stream:stream xmlns='jabber:client'"
                        + " xmlns:stream='http://etherx.jabber.org/streams' version='1.0' from='capulet.example'"
                        + " to='juliet@capulet.example' id='a&apos;b' xml:lang='en'>");
        assertThat(Decoding.client().send(header).last())
                .isEqualTo(new StreamOpened(
                        Jid.of("juliet@capulet.example"), Jid.of("capulet.example"), "1.0", "a'b", "en", Ns.CLIENT));
    }

    @Test
    void headerWithoutAttributesOpensAStreamToo() {
        assertThat(Decoding.client()
                        .send(written(out -> writer.header(out, null, null, null, null)))
                        .last())
                .isInstanceOf(StreamOpened.class);
    }

    /** RFC 6120 section 4.8.5: clients know these by their prefix. */
    @Test
    void elementsOfTheStreamHaveItsPrefix() {
        byte[] error = written(out -> writer.error(out, StreamError.of(StreamError.Condition.NOT_AUTHORIZED, "no")));
        assertThat(new String(error, StandardCharsets.UTF_8))
                .isEqualTo("<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                        + "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>no</text></stream:error>");
        byte[] features = written(out -> writer.nonza(
                out,
                Element.of(Name.of(Ns.STREAMS, "features"))
                        .child(Element.of(Name.of(Ns.BIND, "bind")))
                        .child(Element.of(Name.of(Ns.STREAMS, "x")))));
        assertThat(new String(features, StandardCharsets.UTF_8))
                .isEqualTo("<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
                        + "<x xmlns='http://etherx.jabber.org/streams'/></stream:features>");
        Decoding decoding = Decoding.opened().send(features);
        assertThat(((NonzaReceived) decoding.last()).element().name()).isEqualTo(Name.of(Ns.STREAMS, "features"));
        assertThat(((NonzaReceived) decoding.last()).element().children()).hasSize(2);
    }

    @Test
    void everyStreamErrorIsReadAsItIsWritten() {
        for (StreamError.Condition condition : StreamError.Condition.values()) {
            StreamError error = StreamError.of(condition, "because").withApplication(Element.of(Name.of("urn:x", "y")));
            Decoding decoding = Decoding.opened().send(written(out -> writer.error(out, error)));
            assertThat(StreamError.of(((NonzaReceived) decoding.last()).element()))
                    .isEqualTo(error);
        }
        StreamError elsewhere =
                StreamError.of(StreamError.Condition.SEE_OTHER_HOST).withHost("b.example");
        Decoding decoding = Decoding.opened().send(written(out -> writer.error(out, elsewhere)));
        assertThat(StreamError.of(((NonzaReceived) decoding.last()).element())).isEqualTo(elsewhere);
    }

    @Test
    void endClosesTheStream() {
        assertThat(Decoding.opened().send(written(writer::end)).last()).isEqualTo(new StreamClosed());
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        RandomXml xml = new RandomXml(6121);
        for (int i = 0; i < 500; i++) {
            Element[] children = new Element[xml.random().nextInt(4)];
            Arrays.setAll(children, c -> xml.element(3));
            Message message = Message.of(Message.Type.CHAT, Jid.of("juliet@capulet.example"), children)
                    .withId("m" + i);
            byte[] bytes = written(out -> writer.stanza(out, message));
            assertThat(Decoding.opened().send(bytes).stanza()).isEqualTo(message);
        }
    }

    @Test
    void streamBetweenServersCarriesTheSameBytes() {
        Message message = Message.of(Message.Type.CHAT, null).withPayload(Payload.of(Element.of(Message.BODY, "hi")));
        assertThat(written(out -> new StanzaWriter(Ns.SERVER).stanza(out, message)))
                .isEqualTo(written(out -> writer.stanza(out, message)));
    }
}
