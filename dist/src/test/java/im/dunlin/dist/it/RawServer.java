// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import im.dunlin.core.net.tls.HostCertificate;
import im.dunlin.core.net.tls.SelfSignedCertificate;
import im.dunlin.core.xml.Element;
import im.dunlin.dist.testing.RawClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Another server, as bad as a test wants it: what it is asked by dialback it answers as it is told, and it notes what it hears. */
final class RawServer implements AutoCloseable {
    private static final String STREAM =
            "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'"
                    + " xmlns:db='jabber:server:dialback' version='1.0' ";
    private static final String STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

    /** How it meets a connection. */
    enum Manner {
        /** As it should be. */
        USUAL,
        /** Without TLS. */
        CLEAR,
        /** It says in the clear that it does not serve its domain. */
        DISOWNING,
        /** Not a word. */
        SILENT
    }

    private final String domain;
    private final ServerSocket socket;
    private final SSLContext tls;
    private final List<RawClient> connections = new ArrayList<>();
    private final BlockingQueue<Element> heard = new LinkedBlockingQueue<>();
    private volatile Manner manner = Manner.USUAL;
    private volatile String verdict = "type='valid'";
    private volatile String before = "";
    private volatile String features = "";

    RawServer(String domain, Path directory) {
        this.domain = domain;
        try {
            this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            this.tls = context(SelfSignedCertificate.in(directory, domain, Instant.now(), new SecureRandom()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::accept, "raw-server");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return socket.getLocalPort();
    }

    void behaves(Manner as) {
        manner = as;
    }

    /** @param attributes of its answers, besides from, to and id @param first sent before each of them */
    void answers(String attributes, String first) {
        verdict = attributes;
        before = first;
    }

    /** How many connections it has been given. */
    int connections() {
        synchronized (connections) {
            return connections.size();
        }
    }

    /** Features inside TLS. */
    void offers(String inside) {
        features = inside;
    }

    /** The next stanza that it was sent. */
    Element hears() throws InterruptedException {
        Element next = heard.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing was sent to " + domain);
        }
        return next;
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket tcp = socket.accept();
                Thread thread = new Thread(() -> serve(tcp), "raw-server-stream");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket tcp) {
        RawClient peer = RawClient.accepted(tcp);
        synchronized (connections) {
            connections.add(peer);
        }
        if (manner == Manner.SILENT) {
            return;
        }
        try {
            peer.receivesHeader();
            if (manner == Manner.CLEAR) {
                peer.writes(STREAM + "from='" + domain + "' id='clear'><stream:features/>");
                return;
            }
            if (manner == Manner.DISOWNING) {
                peer.writes(STREAM + "from='" + domain + "' id='clear'><stream:error>"
                        + "<host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
                return;
            }
            peer.writes(
                    STREAM + "from='" + domain + "' id='before'><stream:features>" + STARTTLS + "</stream:features>");
            peer.next();
            peer.writes("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            peer.acceptsTls(tls).receivesHeader();
            peer.writes(
                    STREAM + "from='" + domain + "' id='inside'><stream:features>" + features + "</stream:features>");
            for (Element next = peer.nextUnlessGone(); next != null; next = peer.nextUnlessGone()) {
                answer(next, peer);
            }
        } catch (UncheckedIOException | AssertionError e) {
            peer.close();
        }
    }

    private void answer(Element element, RawClient peer) {
        String addresses = " from='" + element.attr("to") + "' to='" + element.attr("from") + "' ";
        if (element.name().local().equals("verify")) {
            peer.writes(before + "<db:verify id='" + element.attr("id") + "'" + addresses + verdict + "/>");
        } else if (element.name().local().equals("result")) {
            peer.writes("<db:result" + addresses + "type='valid'/>");
        } else if (element.name().local().equals("auth")) {
            peer.writes("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
            heard.add(element);
        } else {
            heard.add(element);
        }
    }

    /** Of whoever shows this certificate and takes any. */
    static SSLContext context(HostCertificate files) {
        try (InputStream chain = Files.newInputStream(files.chain())) {
            Certificate certificate = CertificateFactory.getInstance("X.509").generateCertificate(chain);
            String key = Files.readString(files.key()).replaceAll("-----[A-Z ]+-----|\\s", "");
            PrivateKey read = KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(key)));
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", read, new char[0], new Certificate[] {certificate});
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), RawClient.trustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        synchronized (connections) {
            connections.forEach(RawClient::close);
        }
    }
}
