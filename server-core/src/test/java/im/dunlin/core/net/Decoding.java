// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.net.StreamEvent.StanzaReceived;
import im.dunlin.core.net.StreamEvent.StreamViolation;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A decoder and what came out of it. */
final class Decoding {
    static final String OPEN = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
            + " to='capulet.example' version='1.0'>";

    final XmlStreamDecoder decoder;
    final EmbeddedChannel channel;
    final List<StreamEvent> events = new ArrayList<>();

    Decoding(String contentNamespace, DecoderLimits limits) {
        decoder = new XmlStreamDecoder(contentNamespace, limits);
        channel = new EmbeddedChannel(decoder);
    }

    static Decoding client() {
        return new Decoding(Ns.CLIENT, DecoderLimits.CLIENT);
    }

    /** A client's stream after its header. */
    static Decoding opened() {
        return opened(DecoderLimits.CLIENT);
    }

    static Decoding opened(DecoderLimits limits) {
        Decoding decoding = new Decoding(Ns.CLIENT, limits).send(OPEN);
        decoding.events.clear();
        return decoding;
    }

    Decoding send(String text) {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    Decoding send(byte... bytes) {
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
        collect();
        return this;
    }

    Decoding sendBytewise(byte... bytes) {
        for (byte b : bytes) {
            send(b);
        }
        return this;
    }

    void collect() {
        for (Object event = channel.readInbound(); event != null; event = channel.readInbound()) {
            events.add((StreamEvent) event);
        }
    }

    /** The last event, which must be a stanza. */
    Stanza stanza() {
        return ((StanzaReceived) last()).stanza();
    }

    StreamEvent last() {
        return events.get(events.size() - 1);
    }

    /** The condition that ended the stream; null if it goes on. */
    StreamError.Condition violation() {
        return !events.isEmpty() && last() instanceof StreamViolation violation
                ? violation.error().condition()
                : null;
    }

    /** Stream errors have texts that depend on nothing but the condition's cause; compare the condition only. */
    List<Object> comparable() {
        List<Object> comparable = new ArrayList<>();
        for (StreamEvent event : events) {
            comparable.add(
                    event instanceof StreamViolation violation
                            ? violation.error().condition()
                            : event);
        }
        return comparable;
    }
}
