// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.testing;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.ScramClient;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** XMPP over the JDK's WebSocket: each message one element. */
public final class WebClient implements AutoCloseable, WebSocket.Listener {
    private static final int PATIENCE_SECONDS = 20;

    private final AtomicReference<X509Certificate> certificate = new AtomicReference<>();
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder partial = new StringBuilder();
    private final WebSocket socket;
    private Element features = TestXml.parse("<none xmlns='urn:none'/>");

    /** @param uri such as {@code wss://localhost:5281/ws} */
    public WebClient(String uri) throws Exception {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[] {new TrustsAll(certificate)}, null);
        socket = HttpClient.newBuilder()
                .sslContext(tls)
                .build()
                .newWebSocketBuilder()
                .subprotocols("xmpp")
                .buildAsync(URI.create(uri), this)
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    // ---- what comes
    // --------------------------------------------------------------------------------------------------

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            messages.add(partial.toString());
            partial.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
        closed.complete(status);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        closed.complete(-1);
    }

    /** The next message. */
    public String next() throws InterruptedException {
        String message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(message).as("a message").isNotNull();
        return Objects.requireNonNull(message);
    }

    /** The status with which the server closed; -1 if it did not say. */
    public int closeStatus() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    // ---- what goes
    // ---------------------------------------------------------------------------------------------------

    public WebClient sends(String document) throws Exception {
        socket.sendText(document, true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return this;
    }

    public WebSocket socket() {
        return socket;
    }

    public WebClient opensStream() throws Exception {
        sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>");
        assertThat(next()).startsWith("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='localhost' id='");
        String offered = next();
        assertThat(offered).startsWith("<stream:features xmlns:stream='http://etherx.jabber.org/streams'>");
        features = TestXml.parse(offered);
        return this;
    }

    public Element features() {
        return features;
    }

    /** By SCRAM-SHA-256, bound to the certificate if there is TLS; up to the features of the new stream. */
    public WebClient logsIn(String bareJid) throws Exception {
        X509Certificate shown = certificate.get();
        ScramClient scram = RawClient.scram(ScramHash.SHA_256, bareJid, Secrets.PASSWORD);
        if (shown != null) {
            scram = scram.bindingTo("tls-server-end-point", binding(shown));
        }
        sends(RawClient.auth("SCRAM-SHA-256" + (shown == null ? "" : "-PLUS"), scram.clientFirst()));
        String challenge = next();
        byte[] proof = scram.clientFinal(Base64.getDecoder().decode(text(challenge)));
        String encoded = Base64.getEncoder().encodeToString(proof);
        Secrets.add(encoded);
        Secrets.add(new String(proof, java.nio.charset.StandardCharsets.UTF_8).replaceAll(".*,p=", ""));
        sends("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + encoded + "</response>");
        assertThat(next()).startsWith("<success");
        return opensStream();
    }

    private static String text(String document) {
        return document.replaceAll("<[^>]*>", "");
    }

    private static byte[] binding(X509Certificate shown) throws GeneralSecurityException {
        String signature = shown.getSigAlgName();
        String hash = signature.substring(
                0, signature.toLowerCase(java.util.Locale.ROOT).indexOf("with"));
        return MessageDigest.getInstance(hash.replaceFirst("^SHA-?", "SHA-")).digest(shown.getEncoded());
    }

    public WebClient binds(String resource) throws Exception {
        sends("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>"
                + resource + "</resource></bind></iq>");
        assertThat(next()).startsWith("<iq xmlns='jabber:client'").contains("type='result'");
        return this;
    }

    @Override
    public void close() {
        socket.abort();
    }

    private static final class TrustsAll extends X509ExtendedTrustManager {
        private final AtomicReference<X509Certificate> seen;

        TrustsAll(AtomicReference<X509Certificate> seen) {
            this.seen = seen;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            seen.set(chain[0]);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            seen.set(chain[0]);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            seen.set(chain[0]);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
