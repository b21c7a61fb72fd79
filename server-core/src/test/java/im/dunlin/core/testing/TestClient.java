// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.testing;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.Wire;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamFeature;
import im.dunlin.core.xml.Element;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A client without a socket. What it is sent waits in a queue, and each {@code receives} takes the next.
 *
 * <p>XML in tests is canonical form with {@code jabber:client} as the default: single quotes, no prefixes.
 */
public final class TestClient implements Wire {
    private final TestServer server;
    private final ArrayDeque<Element> received = new ArrayDeque<>();
    private final ArrayDeque<Element> waiting = new ArrayDeque<>();
    private boolean held;
    private final TestStream stream;
    private @Nullable StreamError error;
    private boolean closed;
    private int credit;

    /** A client over TLS that has not logged in. */
    TestClient(TestServer server, String domain) {
        this.server = server;
        this.stream = new TestStream(this, domain);
    }

    void authenticated(Authenticated who) {
        stream.authenticatedAs(who);
    }

    void bound(ClientSession to) {
        stream.boundAs(to);
    }

    public boolean isBound() {
        return stream.session() != null;
    }

    public ClientSession session() {
        return Objects.requireNonNull(stream.session());
    }

    public FullJid jid() {
        return session().jid();
    }

    // ---- the client acts
    // ---------------------------------------------------------------------------------------------

    /** Sends one stanza or nonza and waits until everything that it leads to has happened. */
    public void sends(String xml) {
        Element element = parse(xml);
        Stanza stanza = TestStanzas.parse(element);
        if (stanza != null && isBound()) {
            server.router().fromClient(session(), this, stanza.withFrom(jid()), xml.length());
        } else {
            StreamFeature.Step step = stanza != null
                    ? server.negotiator().negotiate(stream, stanza)
                    : server.negotiator().negotiate(stream, element);
            if (step != null) {
                stream.apply(step);
            } else {
                assertThat(isBound() && server.router().fromClient(session(), this, element))
                        .as("somebody handles " + element.name())
                        .isTrue();
            }
        }
        server.settle();
    }

    /** Sends stanzas one behind the other, and waits when all are on their way. */
    public void sendsAtOnce(List<String> xml) {
        for (String each : xml) {
            Stanza stanza = Objects.requireNonNull(TestStanzas.parse(parse(each)));
            server.router().fromClient(session(), this, stanza.withFrom(jid()), each.length());
        }
        server.settle();
    }

    /** Its connection comes from this address. */
    public void from(InetAddress address) {
        stream.from(address);
    }

    /** Its stream's header says that it comes from here. */
    public void saysThatItIs(String jid) {
        stream.saysThatItIs(Jid.of(jid));
    }

    /** The features that its stream is offered now. */
    public Element features() {
        return server.negotiator().features(stream);
    }

    /** The connection breaks. */
    public void loses() {
        server.sessions().connectionLost(session(), this);
        server.settle();
    }

    /** Closes the stream. */
    public void leaves() {
        server.sessions().streamClosed(session(), this);
        server.settle();
    }

    // ---- and looks at what it was sent
    // -------------------------------------------------------------------------------

    /** Takes the next thing it was sent. */
    public synchronized Element next() {
        assertThat(received).as("what was sent to " + stream.session()).isNotEmpty();
        return received.remove();
    }

    /**
     * Takes the next thing it was sent, which must have at least the attributes, text and children given, children in any
     * order among others.
     */
    public Element receives(String xml) {
        Element expected = parse(xml);
        Element actual = next();
        String difference = TestXml.difference(expected, actual);
        assertThat(difference).as("received %s%nexpected %s", actual, expected).isNull();
        return actual;
    }

    /** Takes the next thing, which must be an error with this condition. */
    public Element receivesError(String condition) {
        Element actual = next();
        assertThat(actual.attr("type")).as(actual.toString()).isEqualTo("error");
        assertThat(actual.toString()).contains("<" + condition + " ");
        return actual;
    }

    public synchronized void receivesNothing() {
        assertThat(received).as("what was sent to " + stream.session()).isEmpty();
    }

    /** Forgets what it was sent so far. */
    public synchronized void ignores() {
        received.clear();
    }

    public synchronized int waiting() {
        return received.size();
    }

    public @Nullable StreamError streamError() {
        return error;
    }

    public boolean isClosed() {
        return closed;
    }

    public int credit() {
        return credit;
    }

    private static Element parse(String xml) {
        return TestXml.parse(xml);
    }

    // ---- Wire
    // --------------------------------------------------------------------------------------------------------

    /** Tells the client something at once, as its stream does. */
    synchronized void tell(Element element) {
        received.add(element);
    }

    @Override
    public synchronized void write(Stanza stanza) {
        write(TestStanzas.element(stanza));
    }

    @Override
    public synchronized void write(Element nonza) {
        if (!closed) {
            (held ? waiting : received).add(nonza);
        }
    }

    @Override
    public synchronized void hold() {
        held = true;
    }

    @Override
    public synchronized void release() {
        held = false;
        received.addAll(waiting);
        waiting.clear();
    }

    @Override
    public synchronized void close(@Nullable StreamError with) {
        waiting.clear();
        closed = true;
        error = with;
    }

    @Override
    public synchronized void credit(int bytes) {
        credit += bytes;
    }
}
