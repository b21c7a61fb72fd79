// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.testing;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.ScramClient;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A session of BOSH, request by request, over the JDK's HTTP client. */
public final class BoshClient {
    private static final int PATIENCE_SECONDS = 20;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI uri;
    private String sid = "";
    private long rid = 1_000;

    /** @param uri such as {@code http://localhost:5280/bosh} */
    public BoshClient(String uri) {
        this.uri = URI.create(uri);
    }

    public String sid() {
        return sid;
    }

    /** The number of the last request. */
    public long rid() {
        return rid;
    }

    /** Posts anything. */
    public CompletableFuture<Element> posts(String body) {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Content-Type", "text/xml; charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenApply(answer -> {
            assertThat(answer.statusCode()).isEqualTo(200);
            return TestXml.parse(answer.body());
        });
    }

    public static Element await(CompletableFuture<Element> answer) throws Exception {
        return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** The answer to the request that begins a session, with these attributes besides. */
    public Element asks(String attributes) throws Exception {
        return await(posts("<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' rid='" + rid
                + "' xmpp:version='1.0' ver='1.6' xml:lang='en' " + attributes + "/>"));
    }

    public BoshClient begins(String attributes) throws Exception {
        sid = asks("to='localhost' " + attributes).requireAttr("sid");
        return this;
    }

    /** A request with the next number. */
    public CompletableFuture<Element> sends(String content) {
        return sends(++rid, "", content);
    }

    public CompletableFuture<Element> sendsWith(String attributes, String content) {
        return sends(++rid, attributes, content);
    }

    public CompletableFuture<Element> sends(long number, String attributes, String content) {
        return posts(body(number, attributes, content));
    }

    public String body(long number, String attributes, String content) {
        return "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' rid='" + number
                + "' sid='" + sid + "' " + attributes + ">" + content + "</body>";
    }

    /** By SCRAM-SHA-256, up to a bound resource. */
    public BoshClient logsIn(String bareJid, String resource) throws Exception {
        ScramClient scram = RawClient.scram(ScramHash.SHA_256, bareJid, Secrets.PASSWORD);
        Element challenge = await(sends(RawClient.auth("SCRAM-SHA-256", scram.clientFirst())));
        byte[] proof =
                scram.clientFinal(Base64.getDecoder().decode(only(challenge).text()));
        String encoded = Base64.getEncoder().encodeToString(proof);
        Secrets.add(encoded);
        Secrets.add(new String(proof, StandardCharsets.UTF_8).replaceAll(".*,p=", ""));
        Element success = await(sends("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + encoded + "</response>"));
        assertThat(only(success).name().local()).isEqualTo("success");
        Element features = await(sendsWith("xmpp:restart='true' to='localhost'", ""));
        assertThat(only(features).name()).isEqualTo(Name.of("http://etherx.jabber.org/streams", "features"));
        Element bound = await(sends("<iq xmlns='jabber:client' type='set' id='b'>"
                + "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" + resource + "</resource></bind></iq>"));
        assertThat(only(bound).attr("type")).isEqualTo("result");
        return this;
    }

    /** The one element of an answer. */
    public static Element only(Element answer) {
        assertThat(answer.children()).as(answer.toString()).hasSize(1);
        return Objects.requireNonNull(answer.firstChild());
    }
}
