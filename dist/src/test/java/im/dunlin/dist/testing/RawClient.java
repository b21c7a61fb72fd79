// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.testing;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.ScramClient;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * An XMPP client that does exactly what the test says, byte for byte, over real sockets and the platform's TLS. Nothing is read
 * unless the test asks for it.
 *
 * <pre>
 * RawClient juliet = RawClient.connect(server).startsTls().logsIn("juliet@localhost").binds("balcony");
 * juliet.sends("&lt;iq type='get' id='p1'&gt;&lt;ping xmlns='urn:xmpp:ping'/&gt;&lt;/iq&gt;");
 * juliet.receives("&lt;iq type='result' id='p1'/&gt;");
 * </pre>
 *
 * <p>Each client connects from its own address in 127.0.0.0/8 unless told otherwise, since the server limits what one address
 * may do. One thread may write while another reads.
 */
public final class RawClient implements AutoCloseable {
    /** How long an expected answer may take before the test fails; nothing waits this long when all is well. */
    private static final int PATIENCE_MILLIS = 20_000;

    private static final Name FEATURES = Name.of("http://etherx.jabber.org/streams", "features");
    private static final Name STREAM_ERROR = Name.of("http://etherx.jabber.org/streams", "error");
    private static final Name TEXT = Name.of(Ns.STREAM_ERRORS, "text");

    private static final AtomicInteger addresses = new AtomicInteger();

    private final Socket tcp;
    private Socket socket;
    private Incoming in;
    private OutputStream out;
    private String host = "localhost";
    private String jid = "";

    private RawClient(Socket tcp) throws IOException {
        this.tcp = tcp;
        this.socket = tcp;
        this.in = new Incoming(tcp.getInputStream());
        this.out = tcp.getOutputStream();
    }

    // ---- connecting
    // --------------------------------------------------------------------------------------------------

    /** A connection where TLS is still to come, and no stream yet. */
    public static RawClient connect(Endpoint server) {
        return connect(server.startTls(), ownAddress());
    }

    /** As {@link #connect(Endpoint)}, from this address. */
    public static RawClient connect(Endpoint server, String from) {
        return connect(server.startTls(), from);
    }

    /** A connection with TLS for {@code localhost} established, and no stream yet. */
    public static RawClient connectTls(Endpoint server) {
        return connect(server.directTls(), ownAddress()).beginsTls("localhost", "xmpp-client");
    }

    /** A connection to the port of direct TLS on which nothing has been said. */
    public static RawClient connectBeforeTls(Endpoint server) {
        return connect(server.directTls(), ownAddress());
    }

    /** A session of an account with the usual password, all the usual steps taken. */
    public static RawClient session(Endpoint server, String fullJid) {
        String[] parts = fullJid.split("/", 2);
        String host = parts[0].substring(parts[0].indexOf('@') + 1);
        return connect(server.directTls(), ownAddress())
                .beginsTls(host, "xmpp-client")
                .opensStream(host)
                .logsIn(parts[0])
                .binds(parts[1]);
    }

    /** As {@link #connectTls}, with as little room as possible for what the server sends and nobody reads. */
    public static RawClient connectNarrowly(Endpoint server) {
        return connect(server.directTls(), ownAddress(), 4096).beginsTls("localhost", "xmpp-client");
    }

    /** A connection to this port, where nothing is said before the stream. */
    public static RawClient connectTo(int port) {
        return connect(port, ownAddress());
    }

    /** A connection that somebody has opened to us. */
    public static RawClient accepted(Socket tcp) {
        try {
            tcp.setSoTimeout(PATIENCE_MILLIS);
            tcp.setTcpNoDelay(true);
            return new RawClient(tcp);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The other side of the TLS handshake. */
    public RawClient acceptsTls(SSLContext certificate) {
        try {
            SSLSocket tls = (SSLSocket) certificate.getSocketFactory().createSocket(tcp, null, true);
            tls.setUseClientMode(false);
            tls.startHandshake();
            socket = tls;
            in = new Incoming(tls.getInputStream());
            out = tls.getOutputStream();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link #connectTo}, with as little room as possible for what the server sends and nobody reads. */
    public static RawClient connectNarrowlyTo(int port) {
        return connect(port, ownAddress(), 4096);
    }

    private static RawClient connect(int port, String from) {
        return connect(port, from, 0);
    }

    private static RawClient connect(int port, String from, int receiveBuffer) {
        try {
            Socket tcp = new Socket();
            if (receiveBuffer > 0) {
                tcp.setReceiveBufferSize(receiveBuffer);
            }
            tcp.setSoTimeout(PATIENCE_MILLIS);
            tcp.setTcpNoDelay(true);
            tcp.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
            tcp.connect(new InetSocketAddress("127.0.0.1", port), PATIENCE_MILLIS);
            return new RawClient(tcp);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String ownAddress() {
        int number = addresses.incrementAndGet();
        return "127.7." + (number / 250 % 250 + 1) + "." + (number % 250 + 1);
    }

    /** STARTTLS, from a fresh connection to a fresh stream inside TLS. */
    public RawClient startsTls() {
        opensStream();
        sends("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        receives("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        return beginsTls(host).opensStream();
    }

    /** The TLS handshake, at once; with no server name if it is empty. */
    public RawClient beginsTls(String serverName, String... protocols) {
        return beginsTls(trustsAll(), serverName, protocols);
    }

    /** As {@link #beginsTls(String, String...)}, with a certificate of its own. */
    public RawClient beginsTls(SSLContext own, String serverName, String... protocols) {
        assertThat(in.hasMore()).as("bytes before TLS").isFalse();
        try {
            SSLSocket tls = (SSLSocket) own.getSocketFactory().createSocket(tcp, serverName, tcp.getPort(), true);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setServerNames(serverName.isEmpty() ? List.of() : List.of(new SNIHostName(serverName)));
            parameters.setApplicationProtocols(protocols);
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            socket = tls;
            in = new Incoming(tls.getInputStream());
            out = tls.getOutputStream();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** They take any certificate. */
    public static TrustManager[] trustManagers() {
        return new TrustManager[] {new TrustsAll()};
    }

    /** For clients that take any certificate. */
    public static SSLContext trustsAll() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Opens a stream to the host and reads the features, which {@link #features} then returns. */
    public RawClient opensStream() {
        return opensStream("localhost");
    }

    public RawClient opensStream(String to) {
        host = to;
        startsStream("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='" + to
                + "' version='1.0'>");
        features = next();
        assertThat(features.name()).as(features.toString()).isEqualTo(FEATURES);
        return this;
    }

    /** Writes a header and reads the server's, which it returns. */
    public Element startsStream(String header) {
        writes(header);
        return receivesHeader();
    }

    /** The answer to a header that was written. */
    public Element receivesHeader() {
        Element answer = next();
        assertThat(answer.name()).isEqualTo(Incoming.STREAM);
        return answer;
    }

    private Element features = Element.of(FEATURES);

    /** The features of the last stream that was opened. */
    public Element features() {
        return features;
    }

    /** Begins to read a new stream; the server's header must not have come yet. */
    public RawClient expectsNewStream() {
        assertThat(in.hasMore()).as("bytes before the new stream").isFalse();
        try {
            in = new Incoming(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Writes the header of a new stream after login and reads the server's. */
    public Element restarts(String header) {
        return expectsNewStream().startsStream(header);
    }

    /** The certificate that the server showed. */
    public X509Certificate certificate() {
        try {
            return (X509Certificate) ((SSLSocket) socket).getSession().getPeerCertificates()[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The protocol of the application that the handshake agreed upon; empty if none. */
    public String applicationProtocol() {
        return ((SSLSocket) socket).getApplicationProtocol();
    }

    // ---- logging in
    // --------------------------------------------------------------------------------------------------

    /** SCRAM-SHA-256-PLUS with the usual password, up to the features of the new stream. */
    public RawClient logsIn(String bareJid) {
        return logsIn(bareJid, Secrets.PASSWORD);
    }

    public RawClient logsIn(String bareJid, String password) {
        assertThat(attempts("SCRAM-SHA-256-PLUS", bound(scram(ScramHash.SHA_256, bareJid, password))))
                .as("login of " + bareJid)
                .isNull();
        return expectsNewStream().opensStream(bareJid.substring(bareJid.indexOf('@') + 1));
    }

    public static ScramClient scram(ScramHash hash, String bareJid, String password) {
        return new ScramClient(hash, bareJid.substring(0, bareJid.indexOf('@')), password);
    }

    /** Binds to the server's certificate, as Java has no exporter of TLS before 25. */
    public ScramClient bound(ScramClient scram) {
        return scram.bindingTo("tls-server-end-point", endPointBinding());
    }

    /** RFC 5929 §4.1. */
    public byte[] endPointBinding() {
        try {
            String signature = certificate().getSigAlgName();
            String hash =
                    signature.substring(0, signature.toLowerCase(Locale.ROOT).indexOf("with"));
            boolean old = hash.equals("MD5") || hash.equals("SHA1");
            return MessageDigest.getInstance(old ? "SHA-256" : hash.replaceFirst("^SHA-?", "SHA-"))
                    .digest(certificate().getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A whole exchange of SCRAM. @return the condition of the failure, or null if the server let the client in */
    public @Nullable String attempts(String mechanism, ScramClient scram) {
        sends(auth(mechanism, scram.clientFirst()));
        Element answer = next();
        if (answer.name().local().equals("challenge")) {
            byte[] proof = scram.clientFinal(Base64.getDecoder().decode(answer.text()));
            String encoded = Base64.getEncoder().encodeToString(proof);
            Secrets.add(encoded);
            Secrets.add(new String(proof, StandardCharsets.UTF_8).replaceAll(".*,p=", ""));
            sends("<response xmlns='" + Ns.SASL + "'>" + encoded + "</response>");
            answer = next();
        }
        if (answer.name().local().equals("success")) {
            assertThat(scram.accepts(Base64.getDecoder().decode(answer.text())))
                    .as("the server knows the password")
                    .isTrue();
            return null;
        }
        return saslCondition(answer);
    }

    /** PLAIN, with these bytes. @return the condition of the failure, or null if the server let the client in */
    public @Nullable String attemptsPlain(String message) {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        Secrets.add(Base64.getEncoder().encodeToString(bytes));
        sends(auth("PLAIN", bytes));
        Element answer = next();
        return answer.name().local().equals("success") ? null : saslCondition(answer);
    }

    public static String auth(String mechanism, byte[] initial) {
        return "<auth xmlns='" + Ns.SASL + "' mechanism='" + mechanism + "'>"
                + (initial.length == 0 ? "=" : Base64.getEncoder().encodeToString(initial)) + "</auth>";
    }

    private static String saslCondition(Element failure) {
        assertThat(failure.name()).as(failure.toString()).isEqualTo(Name.of(Ns.SASL, "failure"));
        return Objects.requireNonNull(failure.firstChild()).name().local();
    }

    /** The SASL mechanisms that the last features offered, in their order. */
    public List<String> mechanisms() {
        Element offered = features.first(Name.of(Ns.SASL, "mechanisms"));
        return offered == null
                ? List.of()
                : offered.children().stream().map(Element::text).toList();
    }

    public RawClient binds(String resource) {
        sends("<iq type='set' id='bind'><bind xmlns='" + Ns.BIND + "'><resource>" + resource
                + "</resource></bind></iq>");
        Element bound = receives("<iq type='result' id='bind'/>");
        jid = Objects.requireNonNull(bound.firstChild()).text(Name.of(Ns.BIND, "jid"));
        return this;
    }

    /** The full JID that was bound. */
    public String jid() {
        return jid;
    }

    // ---- saying
    // ------------------------------------------------------------------------------------------------------

    public RawClient sends(String xml) {
        return writes(xml);
    }

    public RawClient writes(String text) {
        return writes(text.getBytes(StandardCharsets.UTF_8));
    }

    public RawClient writes(byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** As {@link #writes}, but the server may have hung up already. */
    public RawClient triesToWrite(String text) {
        try {
            return writes(text);
        } catch (UncheckedIOException e) {
            return this;
        }
    }

    /** Writes byte by byte, with a pause after each, for as long as the server takes them. */
    public RawClient dribbles(String text) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            try {
                if (socket.getInputStream().available() > 0) {
                    return this;
                }
                writes(new byte[] {b});
            } catch (IOException | UncheckedIOException e) {
                return this;
            }
            LockSupport.parkNanos(20_000_000);
        }
        throw new AssertionError("the server took all of it");
    }

    /** Writes this again and again until the server does not take it any more, though nobody reads. */
    public void writesUntilRefused(String text, int most) {
        AtomicInteger written = new AtomicInteger();
        Thread writer = new Thread(() -> {
            try {
                while (written.get() < most) {
                    writes(text);
                    written.incrementAndGet();
                }
            } catch (UncheckedIOException e) {
                // Refused.
                assertThat(e).isNotNull();
            }
        });
        writer.start();
        try {
            writer.join(PATIENCE_MILLIS);
            close();
            writer.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        assertThat(written.get()).as("written while nobody reads").isLessThan(most);
    }

    /** Reads on until the server's end of the connection, in order or not. */
    public void endsOrIsCut() {
        Element next = nextUnlessGone();
        while (next != null) {
            next = nextUnlessGone();
        }
    }

    // ---- hearing
    // -----------------------------------------------------------------------------------------------------

    /** Takes the next element. */
    public Element next() {
        Element next = nextOrEnd();
        if (next == null) {
            throw new AssertionError("the server closed the stream");
        }
        return next;
    }

    private @Nullable Element nextOrEnd() {
        try {
            Element next = in.next();
            if (next != null && next.name().namespace().equals("urn:xmpp:sm:3") && next.attr("id") != null) {
                Secrets.add(next.attr("id"));
            }
            return next;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("nothing came within " + PATIENCE_MILLIS + " ms", e);
        } catch (EOFException e) {
            throw new AssertionError("the server closed the connection", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes the next element, or null if the stream or the connection has ended. */
    public @Nullable Element nextUnlessGone() {
        try {
            return in.next();
        } catch (SocketTimeoutException e) {
            throw new AssertionError("nothing came within " + PATIENCE_MILLIS + " ms", e);
        } catch (IOException e) {
            return null;
        }
    }

    /** Takes the next element, which must have at least the attributes, text and children given. */
    public Element receives(String xml) {
        Element actual = next();
        assertThat(TestXml.difference(TestXml.parse(xml), actual))
                .as("received %s%nexpected %s", actual, xml)
                .isNull();
        return actual;
    }

    /** Passes over what is not like this, and takes the first that is. */
    public Element awaits(String xml) {
        Element expected = TestXml.parse(xml);
        while (true) {
            Element actual = next();
            if (TestXml.difference(expected, actual) == null) {
                return actual;
            }
        }
    }

    /** Takes the next element, which must be a stanza error with this condition. */
    public Element receivesError(String condition) {
        Element actual = next();
        assertThat(actual.attr("type")).as(actual.toString()).isEqualTo("error");
        assertThat(actual.first(Name.of(Ns.CLIENT, "error")))
                .as(actual.toString())
                .satisfies(error -> assertThat(Objects.requireNonNull(error).has(Name.of(Ns.STANZA_ERRORS, condition)))
                        .as(actual.toString())
                        .isTrue());
        return actual;
    }

    /** Nothing has come that the server sent before it answers what is asked now. */
    public void receivesNothing() {
        sends("<iq type='get' id='quiet' to='" + host + "'><ping xmlns='urn:xmpp:ping'/></iq>");
        receives("<iq type='result' id='quiet'/>");
    }

    /** All that this client has sent so far has been dealt with; passes over what comes meanwhile. */
    public RawClient settles() {
        sends("<iq type='get' id='settled' to='" + host + "'><ping xmlns='urn:xmpp:ping'/></iq>");
        awaits("<iq type='result' id='settled'/>");
        return this;
    }

    /** The stream ends with this error, a closing tag and a closed socket, in that order, and nothing before. */
    public void endsWith(String condition) {
        Element error = next();
        if (error.name().equals(Incoming.STREAM)) {
            // An error before the server's header brings the header with it (RFC 6120 §4.9.1.2).
            error = next();
        }
        isError(error, condition);
        isClosed();
    }

    /** As {@link #endsWith}, passing over what comes before. */
    public void endsAtLastWith(String condition) {
        Element next = next();
        while (!next.name().equals(STREAM_ERROR)) {
            next = next();
        }
        isError(next, condition);
        isClosed();
    }

    private static void isError(Element error, String condition) {
        assertThat(error.name()).as(error.toString()).isEqualTo(STREAM_ERROR);
        assertThat(error.children().stream()
                        .map(Element::name)
                        .filter(name -> !name.equals(TEXT))
                        .findFirst())
                .as(error.toString())
                .contains(Name.of(Ns.STREAM_ERRORS, condition));
    }

    /** The server says the end of the stream, then closes the socket. */
    public void isClosed() {
        assertThat(nextOrEnd()).as("the end of the stream").isNull();
        isDisconnected();
    }

    /** The server closes the socket without another word. */
    public void isDisconnected() {
        try {
            assertThat(socket.getInputStream().read()).as("a byte").isEqualTo(-1);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the server keeps the connection open", e);
        } catch (IOException e) {
            // A reset is an end, too: what we wrote last may not have been read.
            assertThat(e).isNotNull();
        }
    }

    /** As {@link #isDisconnected}, passing over what comes before, such as an alert of TLS. */
    public void isDisconnectedAtLast() {
        try {
            socket.getInputStream().readAllBytes();
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the server keeps the connection open", e);
        } catch (IOException e) {
            assertThat(e).isNotNull();
        }
    }

    // ---- leaving
    // -----------------------------------------------------------------------------------------------------

    /** Closes the stream as it should be done. */
    public void leaves() {
        writes("</stream:stream>");
        isClosed();
        close();
    }

    /** The connection breaks, without a word. */
    @Override
    public void close() {
        try {
            if (!tcp.isClosed()) {
                tcp.setSoLinger(true, 0);
                tcp.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            assertThat(Arrays.asList(chain)).isNotEmpty();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
