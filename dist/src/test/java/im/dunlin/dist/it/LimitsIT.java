// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.xml.Element;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who takes too much, gives too little or waits too long is stopped, and nobody else notices (threats R01 to R10). */
class LimitsIT {
    /** Short patience, so that the test need not wait long; small queues, so that they are soon full. */
    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.with("""
            limits:
              timeouts: { negotiation: 2s, tlsHandshake: 2s, stanza: 2s, send: 3s, close: 1s }
              outbound: { queueBytes: 64KiB, queueStanzas: 100 }
              rate: { bytesPerSecond: 100MiB, bytesBurst: 100MiB, stanzasPerSecond: 100000, stanzasBurst: 100000 }
            """);

    // ---- connections
    // -------------------------------------------------------------------------------------------------

    /** Threat R03. */
    @Test
    void addressThatConnectsTooOftenIsShutOutAlone() {
        List<RawClient> clients = new ArrayList<>();
        int served = 0;
        try {
            for (int i = 0; i < 500; i++) {
                RawClient client = RawClient.connect(server.endpoint(), "127.0.8.8");
                clients.add(client);
                try {
                    client.opensStream();
                    served++;
                } catch (UncheckedIOException | AssertionError e) {
                    // Closed before a word was said.
                    assertThat(e).isNotNull();
                }
            }
            assertThat(served).as("streams of one address").isBetween(1, 30);
            try (RawClient other = server.session("juliet@localhost/elsewhere")) {
                other.receivesNothing();
            }
        } finally {
            clients.forEach(RawClient::close);
        }
    }

    // ---- slowness
    // ----------------------------------------------------------------------------------------------------

    @Test
    void silentConnectionIsClosedInTime() {
        try (RawClient beforeTls = RawClient.connectBeforeTls(server.endpoint());
                RawClient beforeStream = server.connect();
                RawClient beforeLogin = server.connectTls();
                RawClient beforeBinding = server.connectTls().logsIn("juliet@localhost")) {
            beforeTls.isDisconnectedAtLast();
            beforeStream.endsWith("connection-timeout");
            beforeLogin.endsWith("connection-timeout");
            beforeBinding.endsWith("connection-timeout");
        }
    }

    /** Threat R02: deadlines are for phases, not for silence. */
    @Test
    void headerThatComesByteByByteIsNotWaitedFor() {
        try (RawClient client = server.connect()) {
            String header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' ";
            client.dribbles(header + " ".repeat(1_000));

            client.endsWith("connection-timeout");
        }
    }

    @Test
    void stanzaThatComesByteByByteIsNotWaitedFor() {
        try (RawClient client = server.session("juliet@localhost/slow")) {
            client.dribbles("<message to='romeo@localhost'><body>" + "x".repeat(1_000));

            client.endsAtLastWith("connection-timeout");
        }
    }

    // ---- not reading
    // -------------------------------------------------------------------------------------------------

    /** Threat R01: who asks and does not read the answers is not asked after them either. */
    @Test
    void whoDoesNotReadAnswersIsClosedAndNothingPilesUp() {
        try (RawClient greedy = RawClient.connectNarrowly(server.endpoint())) {
            greedy.opensStream().logsIn("juliet@localhost").binds("greedy");
            String ask = "<iq type='get' id='" + "i".repeat(900) + "' to='localhost'>"
                    + "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
            // Until the server does not read any more, or has closed.
            greedy.writesUntilRefused(ask, 60_000);
        }
    }

    /** What others send to it does not pile up, either; it is in the archive. */
    @Test
    void whoDoesNotReadMessagesIsClosedAndFindsThemInTheArchive() {
        try (RawClient deaf = RawClient.connectNarrowly(server.endpoint());
                RawClient romeo = server.session("romeo@localhost/talker")) {
            deaf.opensStream().logsIn("juliet@localhost").binds("deaf");
            deaf.sends("<presence/>");
            deaf.settles();
            int count = 1_500;
            int refused = 0;
            for (int i = 0; i < count; i++) {
                romeo.sends("<message type='chat' to='juliet@localhost/deaf'><body>" + Secrets.BODY + " " + i + " "
                        + "x".repeat(8_000) + "</body></message>");
                if (i % 50 == 49) {
                    refused += errorsUntilAnswered(romeo);
                }
            }
            deaf.endsOrIsCut();
            assertThat(CrashAccount.archive(server.endpoint(), "juliet@localhost", null).stream()
                            .filter(entry -> entry.from().equals("romeo@localhost/talker")))
                    .hasSize(count - refused)
                    .hasSizeGreaterThan(200);
        }
    }

    /** Answered by her account, behind everything that it did with the messages; strangers may not leave too many. */
    private static int errorsUntilAnswered(RawClient romeo) {
        romeo.sends("<iq type='get' id='last' to='juliet@localhost'><vCard xmlns='vcard-temp'/></iq>");
        int errors = 0;
        for (Element next = romeo.next(); !"last".equals(next.attr("id")); next = romeo.next()) {
            assertThat(next.attr("type")).as(next.toString()).isEqualTo("error");
            errors++;
        }
        return errors;
    }

    @Test
    void rosterHasABound() {
        try (RawClient client = server.session("tybalt@localhost/roster")) {
            String long257 = "n".repeat(257);
            client.sends("<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='a@b' name='" + long257
                    + "'/></query></iq>");
            client.receivesError("not-acceptable");
            client.sends("<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='a@b'/><item jid='c@d'/>"
                    + "</query></iq>");
            client.receivesError("bad-request");
        }
    }
}
