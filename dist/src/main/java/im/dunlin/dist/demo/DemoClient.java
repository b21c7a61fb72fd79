// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.demo;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A client over a real TLS connection that counts what it sends, what it gets and how often it had to wait for an answer. */
final class DemoClient implements AutoCloseable {
    static final String DEVICE = "d4565fa7-4d72-4749-b3d3-740edbf87770";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String FAST = "HT-SHA-256-ENDP";

    private final SSLSocket socket;
    private final OutputStream out;
    private final ElementScanner in;
    private final CountedInput counted;
    private long sentBytes;
    private int roundTrips;
    private boolean asked;

    private static final class CountedInput extends FilterInputStream {
        private long bytes;

        CountedInput(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int read = super.read(target, from, length);
            bytes += Math.max(0, read);
            return read;
        }
    }

    /** Connects, with the handshake done. */
    DemoClient(SSLContext trust, int port) throws IOException {
        Socket tcp = new Socket();
        tcp.setTcpNoDelay(true);
        tcp.setSoTimeout((int) PATIENCE.toMillis());
        tcp.connect(new InetSocketAddress("127.0.0.1", port), (int) PATIENCE.toMillis());
        socket = (SSLSocket) trust.getSocketFactory().createSocket(tcp, Demo.HOST, port, true);
        socket.startHandshake();
        out = socket.getOutputStream();
        counted = new CountedInput(socket.getInputStream());
        in = new ElementScanner(new InputStreamReader(counted, StandardCharsets.UTF_8));
    }

    // ---- counting
    // ----------------------------------------------------------------------------------------------------

    long receivedBytes() {
        return counted.bytes;
    }

    long sentBytes() {
        return sentBytes;
    }

    /** How often it sent something and had to wait. */
    int roundTrips() {
        return roundTrips;
    }

    // ---- talking
    // -----------------------------------------------------------------------------------------------------

    void send(String xml) throws IOException {
        byte[] bytes = xml.getBytes(StandardCharsets.UTF_8);
        out.write(bytes);
        out.flush();
        sentBytes += bytes.length;
        asked = true;
    }

    String next() throws IOException {
        if (asked) {
            roundTrips++;
            asked = false;
        }
        return in.next();
    }

    /** The next element that is meant; others are handed on and passed over. */
    String next(Predicate<String> meant, Consumer<String> others) throws IOException {
        while (true) {
            String element = next();
            if (meant.test(element)) {
                return element;
            }
            others.accept(element);
        }
    }

    /** The answer to an iq with this id. */
    String answer(String id, Consumer<String> others) throws IOException {
        return next(element -> element.startsWith("<iq") && id.equals(attribute(element, "id")), others);
    }

    static @Nullable String attribute(String element, String name) {
        String tag = element.substring(0, element.indexOf('>'));
        return found(Pattern.compile("\\s" + name + "='([^']*)'").matcher(tag));
    }

    static @Nullable String found(Matcher matcher) {
        return matcher.find() ? matcher.group(1) : null;
    }

    static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    // ---- logging in
    // --------------------------------------------------------------------------------------------------

    private static String header() {
        return "<?xml version='1.0'?><stream:stream to='" + Demo.HOST
                + "' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
    }

    private static String plain(String name) {
        return Base64.getEncoder()
                .encodeToString(("\0" + name + "\0" + Demo.PASSWORD).getBytes(StandardCharsets.UTF_8));
    }

    /** As clients have always done it: SASL, a new stream, resource binding. */
    void logInStepByStep(String name, String resource) throws IOException {
        send(header());
        next();
        send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + plain(name) + "</auth>");
        expect(next(), "<success");
        send(header());
        next();
        send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" + resource
                + "</resource></bind></iq>");
        expect(next(), "type='result'");
    }

    /** SASL2 with the password; asks for a token for the next time. */
    String logIn(String name, String inBind) throws IOException {
        return logIn("PLAIN", plain(name), "<request-token xmlns='urn:xmpp:fast:0' mechanism='" + FAST + "'/>", inBind);
    }

    /** SASL2 with a token, all in one flight (XEP-0388, XEP-0386, XEP-0484). */
    String logInByToken(String name, String token, String inBind) throws IOException {
        return logIn(FAST, proof(name, token), "<fast xmlns='urn:xmpp:fast:0'/>", inBind);
    }

    private String logIn(String mechanism, String initial, String inline, String inBind) throws IOException {
        send(header() + "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='" + mechanism + "'><initial-response>"
                + initial + "</initial-response><user-agent id='" + DEVICE + "'/>" + inline
                + "<bind xmlns='urn:xmpp:bind:0'><tag>Phone</tag>" + inBind + "</bind></authenticate>");
        String success = next(element -> !element.startsWith("<stream:features"), other -> {});
        expect(success, "<success");
        return success;
    }

    /** HT-SHA-256-ENDP: the token's HMAC over what the TLS connection is bound to (RFC 5929 §4). */
    private String proof(String name, String token) throws IOException {
        try {
            byte[] certificate = socket.getSession().getPeerCertificates()[0].getEncoded();
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(token.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            mac.update("Initiator".getBytes(StandardCharsets.UTF_8));
            byte[] hash = mac.doFinal(MessageDigest.getInstance("SHA-256").digest(certificate));
            byte[] account = (name + "\0").getBytes(StandardCharsets.UTF_8);
            byte[] response = new byte[account.length + hash.length];
            System.arraycopy(account, 0, response, 0, account.length);
            System.arraycopy(hash, 0, response, account.length, hash.length);
            return Base64.getEncoder().encodeToString(response);
        } catch (GeneralSecurityException e) {
            throw new IOException("no " + FAST + " here: " + e.getMessage(), e);
        }
    }

    private static void expect(String element, String part) throws IOException {
        if (!element.contains(part)) {
            throw new IOException("expected " + part + ", got " + element);
        }
    }

    /** Leaves for good: the session ends with the stream. */
    @Override
    public void close() throws IOException {
        try {
            out.write("</stream:stream>".getBytes(StandardCharsets.UTF_8));
            out.flush();
        } finally {
            socket.close();
        }
    }
}
