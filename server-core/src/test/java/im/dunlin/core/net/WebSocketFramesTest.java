// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamError.Condition;
import im.dunlin.storage.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames of a client as events of its stream (RFC 6455 §5, RFC 7395 §3.3). */
class WebSocketFramesTest {
    private static final DecoderLimits LIMITS = DecoderLimits.CLIENT;
    private static final String OPEN =
            "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0' xml:lang='de'/>";
    private static final String MESSAGE =
            "<message xmlns='jabber:client' to='romeo@localhost' id='é€😀'><body>&lt;é€😀</body></message>";

    private final XmlStreamDecoder decoder = XmlStreamDecoder.framed(LIMITS);
    private final WebSocketFrames frames = new WebSocketFrames(decoder, LIMITS);
    private final EmbeddedChannel channel = new EmbeddedChannel(frames, decoder);

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private static ByteBuf frame(boolean last, int opcode, byte[] payload) {
        ByteBuf out = Unpooled.buffer();
        out.writeByte((last ? 0x80 : 0) | opcode);
        if (payload.length < 126) {
            out.writeByte(0x80 | payload.length);
        } else if (payload.length <= 0xFFFF) {
            out.writeByte(0x80 | 126).writeShort(payload.length);
        } else {
            out.writeByte(0x80 | 127).writeLong(payload.length);
        }
        byte[] mask = {0x12, (byte) 0xF4, 0x56, (byte) 0x98};
        out.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            out.writeByte(payload[i] ^ mask[i % 4]);
        }
        return out;
    }

    private static ByteBuf text(String document) {
        return frame(true, Framing.TEXT, utf8(document));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<StreamEvent> events(ByteBuf... in) {
        for (ByteBuf each : in) {
            channel.writeInbound(each);
        }
        List<StreamEvent> events = new ArrayList<>();
        for (StreamEvent event = channel.readInbound(); event != null; event = channel.readInbound()) {
            events.add(event);
        }
        return events;
    }

    private static void assertViolation(List<StreamEvent> events, Condition condition) {
        assertThat(events)
                .last()
                .isInstanceOfSatisfying(
                        StreamEvent.StreamViolation.class,
                        violation -> assertThat(violation.error())
                                .extracting(StreamError::condition)
                                .isEqualTo(condition));
    }

    private static void assertMessage(StreamEvent event, String lang) {
        assertThat(event).isInstanceOfSatisfying(StreamEvent.StanzaReceived.class, received -> {
            Message message = (Message) received.stanza();
            assertThat(message.id()).isEqualTo("é€😀");
            assertThat(message.lang()).isEqualTo(lang);
            assertThat(message.payload().first(Message.BODY).text()).isEqualTo("<é€😀");
        });
    }

    @Test
    void openIsTheHeaderAndCloseTheEndOfAStream() {
        assertThat(events(text(OPEN), text("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>")))
                .containsExactly(
                        new StreamEvent.StreamOpened(Jid.of("localhost"), null, "1.0", null, "de", "jabber:client"),
                        new StreamEvent.StreamClosed());
    }

    @Test
    void languageOfTheStreamIsThatOfItsStanzas() {
        assertMessage(events(text(OPEN), text(MESSAGE)).get(1), "de");
    }

    @Test
    void declarationBeforeAnElementIsAllowed() {
        assertThat(events(text("<?xml version='1.0'?>" + OPEN), text("<?xml version='1.0'?>" + MESSAGE + "\n")))
                .hasSize(2);
    }

    @Test
    void messageMayBeCutAtEveryByteAndInFragments() {
        byte[] document = utf8(MESSAGE);
        for (int cut = 1; cut < document.length; cut++) {
            byte[] start = java.util.Arrays.copyOf(document, cut);
            byte[] rest = java.util.Arrays.copyOfRange(document, cut, document.length);
            ByteBuf whole = Unpooled.wrappedBuffer(
                    frame(false, Framing.TEXT, start),
                    frame(true, Framing.PING, utf8("a")),
                    frame(true, Framing.CONTINUATION, rest));

            List<StreamEvent> events = new ArrayList<>();
            while (whole.isReadable()) {
                events.addAll(events(whole.readBytes(1)));
            }

            whole.release();
            assertThat(events).hasSize(2);
            assertMessage(events.get(1), null);
        }
    }

    @Test
    void manyMessagesInRandomPiecesAreTheSameMessages() {
        long seed = Seed.next();
        Random random = new Random(seed);
        for (int run = 0; run < 50; run++) {
            ByteBuf whole = Unpooled.buffer();
            int messages = 1 + random.nextInt(5);
            for (int i = 0; i < messages; i++) {
                ByteBuf each = text(MESSAGE);
                whole.writeBytes(each);
                each.release();
            }
            int seen = 0;
            while (whole.isReadable()) {
                seen += events(whole.readBytes(Math.min(whole.readableBytes(), 1 + random.nextInt(200))))
                        .size();
            }
            whole.release();
            assertThat(seen).as("seed " + seed).isEqualTo(messages);
        }
    }

    @Test
    void pingIsAnsweredWithWhatItHolds() {
        assertThat(events(frame(true, Framing.PING, utf8("hello"))))
                .singleElement()
                .isInstanceOfSatisfying(
                        StreamEvent.Pinged.class,
                        ping -> assertThat(ping.payload()).isEqualTo(utf8("hello")));
        assertThat(events(frame(true, Framing.PONG, utf8("hello")), frame(true, Framing.PONG, new byte[0])))
                .isEmpty();
    }

    // ---- one element in each message
    // ---------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                " <presence xmlns='jabber:client'/>",
                "<presence xmlns='jabber:client'/><presence xmlns='jabber:client'/>",
                "<presence xmlns='jabber:client'>",
                "</framed>",
                "<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>",
                "<stream:features/>"
            })
    void messageIsExactlyOneDocument(String message) {
        assertViolation(events(text(OPEN), text(message)), Condition.NOT_WELL_FORMED);
    }

    @Test
    void elementDoesNotGoOnInTheNextMessage() {
        assertViolation(
                events(text(OPEN), text("<message xmlns='jabber:client'>"), text("</message>")),
                Condition.NOT_WELL_FORMED);
    }

    /** Threats X01 to X04: one WebSocket parser was weaker than its server's other one (CVE-2022-0217). */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE x [<!ENTITY a 'ha'>]><message xmlns='jabber:client'><body>&a;</body></message>",
                "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><a/>",
                "<!-- comment --><presence xmlns='jabber:client'/>",
                "<?pi?><presence xmlns='jabber:client'/>",
                "<message xmlns='jabber:client'><body>&nbsp;</body></message>"
            })
    void restrictedXmlIsRefused(String message) {
        assertViolation(events(text(OPEN), text(message)), Condition.RESTRICTED_XML);
    }

    @Test
    void invalidUtf8IsRefusedAlsoWhenItIsCut() {
        byte[] overlong = {(byte) 0xC0, (byte) 0xBC};
        assertViolation(
                events(
                        frame(false, Framing.TEXT, utf8("<message xmlns='jabber:client'><body>")),
                        frame(false, Framing.CONTINUATION, new byte[] {overlong[0]}),
                        frame(true, Framing.CONTINUATION, new byte[] {overlong[1]})),
                Condition.NOT_WELL_FORMED);
    }

    // ---- sizes
    // -------------------------------------------------------------------------------------------------------

    @Test
    void lengthOverTheLimitIsRefusedBeforeThePayload() {
        ByteBuf head =
                frame(true, Framing.TEXT, new byte[LIMITS.stanzaBytes() + 1000]).slice(0, 14);

        assertViolation(events(head), Condition.POLICY_VIOLATION);
    }

    @Test
    void stanzaOverTheLimitIsRefused() {
        String body = "x".repeat(LIMITS.stanzaBytes());

        assertViolation(events(text("<message xmlns='jabber:client'><body>" + body)), Condition.POLICY_VIOLATION);
    }

    /** Threat X17. */
    @Test
    void manyFragmentsAreRefused() {
        List<ByteBuf> fragments = new ArrayList<>(List.of(frame(false, Framing.TEXT, utf8("<"))));
        for (int i = 0; i < 20; i++) {
            fragments.add(frame(false, Framing.CONTINUATION, utf8("a")));
        }

        assertViolation(events(fragments.toArray(new ByteBuf[0])), Condition.POLICY_VIOLATION);
    }

    @Test
    void emptyFragmentsCountAsWell() {
        List<ByteBuf> fragments = new ArrayList<>(List.of(frame(false, Framing.TEXT, new byte[0])));
        for (int i = 0; i < 20; i++) {
            fragments.add(frame(false, Framing.CONTINUATION, new byte[0]));
        }

        assertViolation(events(fragments.toArray(new ByteBuf[0])), Condition.POLICY_VIOLATION);
    }

    // ---- the framing's own rules
    // -------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "818000000000, 1000", // marker for a well-formed empty message, see below
        "8100, 1002", // not masked
        "C18000000000, 1002", // reserved bit
        "838000000000, 1002", // reserved opcode
        "8B8000000000, 1002",
        "808000000000, 1002", // continuation of nothing
        "098000000000, 1002", // control in fragments
        "89FE007E00000000, 1002", // long control
        "81FE000500000000, 1002", // length longer than needed
        "81FF000000000000000500000000, 1002",
        "81FFFFFFFFFFFFFFFFFF00000000, 1002", // negative length
        "828000000000, 1003", // binary
        "888000000000, 1000",
        "8882000000000BB8, 3000",
        "8882000000000000, 1002",
        "88820000000003ED, 1002",
        "88810000000003, 1002"
    })
    void brokenFramesCloseTheCarrier(String hex, int status) {
        List<StreamEvent> events =
                events(Unpooled.wrappedBuffer(java.util.HexFormat.of().parseHex(hex)));

        if (hex.equals("818000000000")) {
            assertViolation(events, Condition.NOT_WELL_FORMED);
        } else {
            assertThat(events).containsExactly(new StreamEvent.CarrierClosed(status));
        }
    }

    @Test
    void newMessageInsideAMessageClosesTheCarrier() {
        assertThat(events(frame(false, Framing.TEXT, utf8("<a")), frame(true, Framing.TEXT, utf8("/>"))))
                .containsExactly(new StreamEvent.CarrierClosed(Framing.PROTOCOL_ERROR));
    }

    @Test
    void nothingIsReadAfterTheEnd() {
        assertThat(events(frame(true, Framing.CLOSING, new byte[0]), text(MESSAGE)))
                .hasSize(1);
    }

    // ---- pauses
    // ------------------------------------------------------------------------------------------------------

    @Test
    void whatComesWhileNothingMayBeReadComesLater() {
        frames.pause();
        assertThat(events(text(OPEN), text(MESSAGE), frame(true, Framing.PING, new byte[0])))
                .isEmpty();

        frames.resume();

        assertThat(events()).hasSize(3);
    }

    @Test
    void restartKeepsWhatWasSentAhead() {
        frames.pause();
        assertThat(events(text(OPEN))).isEmpty();

        frames.restart();

        assertThat(events()).singleElement().isInstanceOf(StreamEvent.StreamOpened.class);
    }

    @Test
    void whatIsSentAheadIsBounded() {
        frames.pause();

        assertViolation(
                events(Unpooled.wrappedBuffer(new byte[LIMITS.stanzaBytes()]), text(MESSAGE)),
                Condition.POLICY_VIOLATION);
    }
}
