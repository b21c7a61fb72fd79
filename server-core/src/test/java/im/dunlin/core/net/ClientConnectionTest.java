// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.config.Limits;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.net.StreamEvent.NonzaReceived;
import im.dunlin.core.net.StreamEvent.Pinged;
import im.dunlin.core.net.StreamEvent.StreamOpened;
import im.dunlin.core.session.Outbound;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one connection may make the server do and keep. */
class ClientConnectionTest {
    private static final FullJid JULIET = FullJid.of("juliet@localhost/balcony");
    private static final Limits.Outbound LIMITS = Limits.defaults().outbound();

    private final TestServer server = TestServer.with(Map.of());
    private final ClientStreams streams = new ClientStreams(
            ServerConfig.defaults(), server.router(), server.sessions(), server.negotiator(), null, Runnable::run);
    private final ClientConnection connection = new ClientConnection(
            streams,
            new Carrier(
                    new XmlStreamDecoder(Ns.CLIENT, streams.beforeLogin()),
                    new StanzaWriter(Ns.CLIENT),
                    streams.addresses().exempt(InetAddress.getLoopbackAddress()),
                    false));
    private final EmbeddedChannel channel = new EmbeddedChannel(connection);

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        server.close();
    }

    private static Stanza ofBytes(int bytes) {
        return Message.chat(JULIET, "x".repeat(bytes));
    }

    private String sent() {
        channel.runPendingTasks();
        StringBuilder sent = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            sent.append(out.toString(StandardCharsets.UTF_8));
            out.release();
        }
        return sent.toString();
    }

    @Test
    void queueOverItsBoundEndsTheConnection() {
        for (int i = 0; i < 3; i++) {
            connection.wire().write(ofBytes(LIMITS.queueBytes() / 2));
        }

        assertThat(sent()).contains("resource-constraint");
        assertThat(channel.isOpen()).isFalse();
    }

    /** A session keeps more than a queue holds: it could never be resumed otherwise. */
    @Test
    void whatAResumedSessionRepeatsIsNotTooMuch() {
        for (int i = 0; i < 3; i++) {
            connection.wire().repeat(ofBytes(LIMITS.queueBytes() / 2));
        }
        connection.wire().write(ofBytes(LIMITS.queueBytes() / 2));

        assertThat(sent()).hasSizeGreaterThan(2 * LIMITS.queueBytes());
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void oneStanzaAloneMayBeLongerThanTheQueue() {
        connection.wire().write(ofBytes(2 * LIMITS.queueBytes()));

        assertThat(sent()).hasSizeGreaterThan(2 * LIMITS.queueBytes());
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void whatIsHeldWaitsForTheReleaseInItsOrder() {
        connection.wire().hold();
        connection.wire().write(Message.chat(JULIET, "first"));
        connection.wire().repeat(Message.chat(JULIET, "second"));
        assertThat(sent()).isEmpty();

        connection.wire().release();

        assertThat(sent()).containsSubsequence("first", "second");
    }

    @Test
    void endOfAHeldConnectionComesWithoutWhatWaits() {
        connection.wire().hold();
        connection.wire().write(Message.chat(JULIET, "hello"));

        connection.wire().close(StreamError.of(StreamError.Condition.CONFLICT));

        assertThat(sent()).contains("conflict").doesNotContain("hello");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void heldConnectionHasTheBoundOfEveryQueue() {
        connection.wire().hold();
        for (int i = 0; i < 3; i++) {
            connection.wire().write(ofBytes(LIMITS.queueBytes() / 2));
        }

        assertThat(sent()).contains("resource-constraint");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void whatWasRememberedForTheLoginIsForgottenWithIt() {
        SessionKey<String> tried = new SessionKey<>("tried");
        connection.remember(tried, "once");

        connection.authenticatedAs(new Authenticated(JULIET.bare(), 0, null));

        assertThat(connection.remembered(tried)).isNull();
    }

    @Test
    void floodOfElementsThatAreNoStanzasIsReadMoreSlowly() {
        channel.writeInbound(new StreamOpened(Jid.of("localhost"), null, "1.0", null, null, Ns.CLIENT));
        int tooMany = Limits.defaults().rate().bytesBurst() / 100;
        for (int i = 0; i < tooMany && channel.config().isAutoRead(); i++) {
            channel.writeInbound(new NonzaReceived(Outbound.REQUEST, 30));
        }

        assertThat(channel.config().isAutoRead()).isFalse();
    }

    /** RFC 6455 §5.5.2: each is answered, so none is as cheap as it is short. */
    @Test
    void floodOfPingsIsReadMoreSlowly() {
        channel.writeInbound(new StreamOpened(Jid.of("localhost"), null, "1.0", null, null, Ns.CLIENT));
        int tooMany = Limits.defaults().rate().bytesBurst() / 100;
        for (int i = 0; i < tooMany && channel.config().isAutoRead(); i++) {
            channel.writeInbound(new Pinged(new byte[0]));
            sent();
        }

        assertThat(channel.config().isAutoRead()).isFalse();
    }
}
