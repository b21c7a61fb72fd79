// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static im.dunlin.dist.testing.BoshClient.await;
import static im.dunlin.dist.testing.BoshClient.only;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.ScramClient;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.config.ListenerConfig;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.BoshClient;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** XEP-0124 and XEP-0206: streams in requests over HTTP, and what may be done to them. */
class BoshIT {
    private static final String USUAL = "wait='20' hold='1'";
    private static final String PING =
            "<iq xmlns='jabber:client' type='get' id='p' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>";

    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.with("""
            limits:
              connections: { perSecond: 10000, burst: 10000, open: 10000, unauthenticated: 10000 }
              bosh: { waiting: 30s, inactivity: 2s, pause: 60s, polling: 60s }
            """);

    private static String address() {
        return "http://localhost:" + server.port(ListenerConfig.Kind.HTTP) + "/bosh";
    }

    private static BoshClient client() {
        return new BoshClient(address());
    }

    private static BoshClient session() throws Exception {
        return client().begins(USUAL);
    }

    private static BoshClient juliet() throws Exception {
        return session().logsIn("juliet@localhost", "balcony");
    }

    private static void endsWith(String condition, Element answer) {
        assertThat(answer.attr("type")).as(answer.toString()).isEqualTo("terminate");
        assertThat(answer.attr("condition")).as(answer.toString()).isEqualTo(condition);
    }

    /** What was said so far, and what the client is told until this is in it. */
    private static String said(String soFar, String awaited, BoshClient client) throws Exception {
        StringBuilder said = new StringBuilder(soFar);
        while (said.indexOf(awaited) < 0) {
            said.append(await(client.sends("")));
        }
        return said.toString();
    }

    // ---- a session
    // ---------------------------------------------------------------------------------------------------

    @Test
    void firstAnswerDescribesTheSessionAndHasTheFeatures() throws Exception {
        Element answer = client().asks("to='localhost' wait='9000' hold='7' ack='1'");

        assertThat(answer.attr("from")).isEqualTo("localhost");
        assertThat(answer.attr("wait")).as("no longer than the server waits").isEqualTo("30");
        assertThat(answer.attr("hold")).isEqualTo("1");
        assertThat(answer.attr("requests")).isEqualTo("2");
        assertThat(answer.attr("ack")).isEqualTo("1000");
        assertThat(answer.attr("maxpause")).isEqualTo("60");
        assertThat(answer.requireAttr("sid")).hasSize(32);
        assertThat(answer.requireAttr("authid")).isNotEmpty();
        assertThat(only(answer).name()).isEqualTo(Name.of("http://etherx.jabber.org/streams", "features"));
        assertThat(only(answer).toString())
                .contains("SCRAM-SHA-256", "urn:xmpp:sasl:2")
                .doesNotContain("SCRAM-SHA-256-PLUS", "urn:ietf:params:xml:ns:xmpp-tls");
    }

    @Test
    void clientLogsInAndIsAnswered() throws Exception {
        Element answer = await(juliet().sends(PING));

        assertThat(only(answer).toString()).contains("type='result'").contains("id='p'");
        assertThat(only(answer).name()).isEqualTo(Name.of("jabber:client", "iq"));
    }

    @Test
    void whatIsSaidAnswersTheRequestThatWaits() throws Exception {
        BoshClient juliet = juliet();
        CompletableFuture<Element> waiting = juliet.sends("");
        try (RawClient romeo = server.session("romeo@localhost/orchard")) {
            romeo.sends("<message to='juliet@localhost/balcony' type='chat' id='m'><body>wherefore</body></message>");
            assertThat(only(await(waiting)).toString()).contains("wherefore");
        }
    }

    @Test
    void requestThatWaitsIsAnsweredWhenAnotherComes() throws Exception {
        BoshClient juliet = juliet();
        CompletableFuture<Element> first = juliet.sends("");
        CompletableFuture<Element> second = juliet.sends("");

        assertThat(await(first).children()).isEmpty();
        assertThat(second).isNotDone();
    }

    @Test
    void requestThatWaitedLongEnoughIsAnsweredWithNothing() throws Exception {
        BoshClient client = client().begins("wait='1' hold='1'").logsIn("juliet@localhost", "brief");

        assertThat(await(client.sends("")).children()).isEmpty();
    }

    @Test
    void severalStanzasInOneRequestAreHandledInTheirOrder() throws Exception {
        BoshClient juliet = juliet();
        Element first = await(juliet.sends(PING.replace("'p'", "'p1'") + PING.replace("'p'", "'p2'")));

        String said = said(first.toString(), "id='p2'", juliet);
        assertThat(said.indexOf("id='p1'")).isNotNegative().isLessThan(said.indexOf("id='p2'"));
    }

    @Test
    void sessionThatIsTerminatedSaysGoodbye() throws Exception {
        BoshClient juliet = juliet();
        CompletableFuture<Element> waiting = juliet.sends("");
        Element last =
                await(juliet.sendsWith("type='terminate'", "<presence xmlns='jabber:client' type='unavailable'/>"));

        assertThat(List.of(last, await(waiting)))
                .anySatisfy(answer -> assertThat(answer.attr("type")).isEqualTo("terminate"));
        endsWith("item-not-found", await(juliet.sends("")));
    }

    @Test
    void streamManagementResumesASessionThatFellSilent() throws Exception {
        BoshClient juliet = session().logsIn("juliet@localhost", "resumed");
        Element enabled = only(await(juliet.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")));
        String id = enabled.requireAttr("id");
        Secrets.add(id);

        try (RawClient next = server.connectTls().logsIn("juliet@localhost")) {
            next.sends("<resume xmlns='urn:xmpp:sm:3' h='0' previd='" + id + "'/>");
            next.awaits("<resumed xmlns='urn:xmpp:sm:3' previd='" + id + "'/>");
        }
    }

    /** XEP-0388 and XEP-0386: nothing restarts, and the session is there with the answer. */
    @Test
    void clientLogsInAndBindsInOneExchange() throws Exception {
        BoshClient client = session();
        ScramClient scram = RawClient.scram(ScramHash.SHA_256, "juliet@localhost", Secrets.PASSWORD);
        Element challenge =
                await(client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='SCRAM-SHA-256'><initial-response>"
                        + Base64.getEncoder().encodeToString(scram.clientFirst()) + "</initial-response>"
                        + "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'/><bind xmlns='urn:xmpp:bind:0'>"
                        + "<tag>Web</tag><enable xmlns='urn:xmpp:sm:3' resume='true'/></bind></authenticate>"));
        byte[] proof =
                scram.clientFinal(Base64.getDecoder().decode(only(challenge).text()));
        String encoded = Base64.getEncoder().encodeToString(proof);
        Secrets.add(encoded);
        Secrets.add(new String(proof, StandardCharsets.UTF_8).replaceAll(".*,p=", ""));

        String answer = said(
                await(client.sends("<response xmlns='urn:xmpp:sasl:2'>" + encoded + "</response>"))
                        .toString(),
                "urn:xmpp:csi:0",
                client);

        assertThat(answer).contains("<success xmlns='urn:xmpp:sasl:2'>", "juliet@localhost/Web/", "<enabled ");
        assertThat(await(client.sends(PING)).toString()).contains("id='p'", "type='result'");
    }

    // ---- pauses (§10)
    // ------------------------------------------------------------------------------------------------

    @Test
    void pauseAnswersAllThatWaits() throws Exception {
        BoshClient juliet = juliet();
        CompletableFuture<Element> waiting = juliet.sends("");

        assertThat(await(juliet.sendsWith("pause='20'", "")).children()).isEmpty();
        assertThat(await(waiting).children()).isEmpty();
    }

    @Test
    void pausedSessionOutlivesASilenceThatEndsAnother() throws Exception {
        BoshClient paused = session().logsIn("juliet@localhost", "paused");
        await(paused.sendsWith("pause='60'", ""));
        try (RawClient other = server.session("juliet@localhost/other")) {
            other.sends("<presence/>").settles();
            BoshClient silent = session().logsIn("juliet@localhost", "silent");
            await(silent.sends("<presence xmlns='jabber:client'/>"));
            other.awaits("<presence from='juliet@localhost/silent' type='unavailable'/>");

            assertThat(await(paused.sends(PING)).toString()).contains("id='p'");
        }
    }

    @Test
    void pauseEnds() throws Exception {
        BoshClient juliet = session().logsIn("juliet@localhost", "gone");
        try (RawClient other = server.session("juliet@localhost/other")) {
            other.sends("<presence/>").settles();
            await(juliet.sendsWith("pause='1'", "<presence xmlns='jabber:client'/>"));

            other.awaits("<presence from='juliet@localhost/gone' type='unavailable'/>");
        }
    }

    /** "The response to the pause request MUST NOT contain any payloads." */
    @Test
    void whatIsSaidInAPauseComesBehindIt() throws Exception {
        BoshClient juliet = juliet();
        assertThat(await(juliet.sendsWith("pause='20'", PING)).children()).isEmpty();
        try (RawClient romeo = server.session("romeo@localhost/orchard")) {
            romeo.sends("<message to='juliet@localhost/balcony' type='chat' id='m'><body>wherefore</body></message>")
                    .settles();
        }

        assertThat(said("", "wherefore", juliet)).contains("id='p'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"61", "0", "-1", "soon", "99999999999999999999"})
    void pauseThatIsTooLongOrNoneEndsTheSession(String pause) throws Exception {
        endsWith("policy-violation", await(session().sendsWith("pause='" + pause + "'", "")));
    }

    /** §11: "the client MAY make one additional request if it is to pause or terminate a session". */
    @Test
    void oneMoreRequestMayPause() throws Exception {
        BoshClient juliet = juliet();
        CompletableFuture<Element> first = juliet.sends("");
        long next = juliet.rid() + 1;
        CompletableFuture<Element> pause = juliet.sends(next + 1, "pause='20'", "");
        CompletableFuture<Element> again = juliet.sends(next + 1, "pause='20'", "");
        // It has come again, so it is there; and nothing has answered the first.
        await(either(pause, again));
        juliet.sends(next, "", "");

        assertThat(await(first).attr("type")).isNull();
        assertThat(await(juliet.sends(next + 2, "", PING)).attr("type")).isNull();
    }

    // ---- numbers
    // -----------------------------------------------------------------------------------------------------

    @Test
    void requestsAreHandledInTheOrderOfTheirNumbers() throws Exception {
        BoshClient juliet = juliet();
        long next = juliet.rid() + 1;
        CompletableFuture<Element> second = juliet.sends(next + 1, "", PING.replace("'p'", "'p2'"));
        CompletableFuture<Element> first = juliet.sends(next, "", PING.replace("'p'", "'p1'"));

        String said = said(await(first).toString() + await(second), "id='p2'", juliet);
        assertThat(said.indexOf("id='p1'")).isNotNegative().isLessThan(said.indexOf("id='p2'"));
    }

    @Test
    void repeatedRequestGetsTheSameAnswerAndIsNotHandledAgain() throws Exception {
        BoshClient juliet = juliet();
        Element answer = await(juliet.sends(PING));

        assertThat(await(juliet.sends(juliet.rid(), "", PING))).isEqualTo(answer);
        CompletableFuture<Element> waiting = juliet.sends("");
        assertThat(await(juliet.sends(PING.replace("'p'", "'p2'"))).toString() + await(waiting))
                .contains("'p2'")
                .doesNotContain("'p'");
    }

    /** §14.3: the client does not know that its request arrived. */
    @Test
    void repeatedRequestTakesThePlaceOfTheOneThatWaits() throws Exception {
        BoshClient juliet = juliet();
        CompletableFuture<Element> lost = juliet.sends("");
        CompletableFuture<Element> again = juliet.sends(juliet.rid(), "", "");

        assertThat(await(either(lost, again)).attr("type")).isEqualTo("error");
        await(juliet.sends(PING));
        assertThat(List.of(await(lost), await(again)))
                .extracting(answer -> answer.attr("type"))
                .containsExactlyInAnyOrder("error", null);
    }

    /** Which of two requests arrives first is up to their connections. */
    private static CompletableFuture<Element> either(CompletableFuture<Element> one, CompletableFuture<Element> other) {
        return one.applyToEither(other, answer -> answer);
    }

    @ParameterizedTest
    @ValueSource(longs = {-3, 3, 1_000})
    void numberOutsideTheWindowEndsTheSession(long distance) throws Exception {
        BoshClient juliet = session();

        endsWith("item-not-found", await(juliet.sends(juliet.rid() + distance, "", "")));
        endsWith("item-not-found", await(juliet.sends("")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "x", "", "9007199254740992", "99999999999999999999", "1.5"})
    void numberThatIsNoneIsBad(String rid) throws Exception {
        endsWith(
                "bad-request",
                await(client().posts("<body xmlns='http://jabber.org/protocol/httpbind' to='localhost' rid='" + rid
                        + "'/>")));
    }

    @Test
    void repeatedRequestThatIsAheadOfOthersWaitsForThem() throws Exception {
        BoshClient juliet = juliet();
        long next = juliet.rid() + 1;
        CompletableFuture<Element> one = juliet.sends(next + 1, "", PING);
        CompletableFuture<Element> again = juliet.sends(next + 1, "", PING);
        assertThat(await(either(one, again)).attr("type")).isEqualTo("error");

        juliet.sends(next, "", "");
        assertThat(await(one).toString() + await(again)).contains("'p'");
    }

    @Test
    void moreRequestsAtOnceThanAgreedEndTheSession() throws Exception {
        BoshClient juliet = juliet();
        CompletableFuture<Element> first = juliet.sends("");
        CompletableFuture<Element> firstAgain = juliet.sends(juliet.rid(), "", "");
        // It has come again, so it is there.
        await(either(first, firstAgain));
        long next = juliet.rid() + 1;
        CompletableFuture<Element> third = juliet.sends(next + 1, "", "");
        await(either(third, juliet.sends(next + 1, "", "")));
        assertThat(first.isDone() && firstAgain.isDone()).isFalse();

        endsWith("policy-violation", await(juliet.sends(next, "", "")));
    }

    @Test
    void clientThatPollsTooOftenIsEnded() throws Exception {
        BoshClient client = client().begins("wait='0' hold='0'");

        assertThat(await(client.sends("")).attr("type")).isNull();
        endsWith("policy-violation", await(client.sends("")));
    }

    // ---- who may
    // -----------------------------------------------------------------------------------------------------

    @Test
    void sessionThatIsUnknownIsNotFound() throws Exception {
        BoshClient client = session();

        endsWith(
                "item-not-found",
                await(client.posts("<body xmlns='http://jabber.org/protocol/httpbind' rid='1001' sid='" + "0".repeat(32)
                        + "'/>")));
        assertThat(await(client.sends("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='NONE'/>"))
                        .toString())
                .contains("invalid-mechanism");
    }

    @Test
    void hostThatIsNotServedIsUnknown() throws Exception {
        endsWith("host-unknown", client().asks("to='elsewhere.example'"));
        endsWith("improper-addressing", client().asks("to='@'"));
        endsWith("improper-addressing", client().asks(""));
    }

    @Test
    void stanzaBeforeTheLoginEndsTheStream() throws Exception {
        Element answer = await(session().sends(PING));

        endsWith("remote-stream-error", answer);
        assertThat(answer.toString()).contains("not-authorized");
    }

    @Test
    void siteThatIsNotAllowedIsRefused() throws Exception {
        assertThat(fromSite("https://evil.example").statusCode()).isEqualTo(403);

        HttpResponse<String> allowed = fromSite("http://localhost:8080");
        assertThat(allowed.statusCode()).isEqualTo(200);
        assertThat(allowed.headers().firstValue("Access-Control-Allow-Origin")).contains("http://localhost:8080");
    }

    private static HttpResponse<String> fromSite(String origin) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(address()))
                                .header("Origin", origin)
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        "<body xmlns='http://jabber.org/protocol/httpbind' to='localhost' rid='1'/>"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void onlyPostsAreAnswered() throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(address())).build(), HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(405);
    }

    @Test
    void hostMetaSaysWhereItIs() throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(address()).resolve("/.well-known/host-meta"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(answer.body()).contains("rel='urn:xmpp:alt-connections:xbosh' href='" + address() + "'");
    }

    // ---- hostile bodies
    // ----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no XML",
                "<body/>",
                "<body xmlns='http://jabber.org/protocol/httpbind' to='localhost' rid='1'>",
                "<!DOCTYPE body [<!ENTITY a 'b'>]><body xmlns='http://jabber.org/protocol/httpbind' to='localhost' rid='1'/>",
                "<body xmlns='http://jabber.org/protocol/httpbind' to='localhost' rid='1'><!-- x --></body>",
                "<body xmlns='http://jabber.org/protocol/httpbind' to='localhost' rid='1'>text</body>",
                "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' to='localhost'>"
            })
    void bodyThatIsNoneIsBad(String body) throws Exception {
        endsWith("bad-request", await(client().posts(body)));
    }

    @Test
    void malformedBodyEndsItsSession() throws Exception {
        BoshClient client = session();

        endsWith("bad-request", await(client.sends("<a></b>")));
        assertThat(await(client.sends("")).attr("type")).isEqualTo("terminate");
    }

    @Test
    void bodyIsNoLongerThanTheStreamMaySend() throws Exception {
        BoshClient stranger = session();
        String text = "a".repeat(20_000);
        endsWith(
                "policy-violation",
                await(stranger.sends("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + text + "</auth>")));

        BoshClient juliet = juliet();
        String message = "<message xmlns='jabber:client' to='romeo@localhost'><body>" + text + "</body></message>";
        assertThat(await(juliet.sends(message.repeat(2) + PING)).attr("type")).isNull();
        endsWith("policy-violation", await(juliet.sends(message.repeat(20))));
    }

    @Test
    void bodyHasNoMoreElementsThanTheStreamMaySend() throws Exception {
        endsWith("policy-violation", await(session().sends("<a/>".repeat(1_000))));
    }

    // ---- connections that break
    // --------------------------------------------------------------------------------------

    @Test
    void sessionOutlivesTheConnectionOfItsRequests() throws Exception {
        BoshClient juliet = juliet();
        String body = juliet.body(juliet.rid() + 1, "", "");
        try (Socket socket = new Socket("localhost", server.port(ListenerConfig.Kind.HTTP))) {
            socket.getOutputStream()
                    .write(("POST /bosh HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length() + "\r\n\r\n"
                                    + body)
                            .getBytes(StandardCharsets.UTF_8));
        }

        CompletableFuture<Element> again = juliet.sends("");
        assertThat(await(juliet.sends(PING)).toString() + await(again)).contains("'p'");
    }

    @Test
    void bodyThatIsCutOffMeansNothing() throws Exception {
        BoshClient juliet = juliet();
        String body = juliet.body(juliet.rid() + 1, "", PING);
        try (Socket socket = new Socket("localhost", server.port(ListenerConfig.Kind.HTTP))) {
            socket.getOutputStream()
                    .write(("POST /bosh HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length() + "\r\n\r\n"
                                    + body.substring(0, body.length() - 10))
                            .getBytes(StandardCharsets.UTF_8));
        }

        assertThat(await(juliet.sends(PING.replace("'p'", "'p2'"))).toString()).contains("'p2'");
    }

    @Test
    void silentSessionEnds() throws Exception {
        BoshClient juliet = session().logsIn("juliet@localhost", "silent");
        try (RawClient other = server.session("juliet@localhost/other")) {
            other.sends("<presence/>").settles();
            CompletableFuture<Element> shown = juliet.sends("<presence xmlns='jabber:client'/>");
            await(shown);

            other.awaits("<presence from='juliet@localhost/silent' type='unavailable'/>");
        }
    }
}
