// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Identity;
import im.dunlin.core.module.Service;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A push service at {@code app.HOST} that answers as it is told, and remembers what it was sent. */
public final class AppServer implements Service {
    public static final String JID = "app.localhost";

    private final String subdomain;
    private final ConcurrentLinkedQueue<Stanza> received = new ConcurrentLinkedQueue<>();
    private volatile @Nullable StanzaError refusal;
    private volatile boolean silent;

    AppServer() {
        this("app");
    }

    AppServer(String subdomain) {
        this.subdomain = subdomain;
    }

    /** As the constructor of a module. */
    void declare(Setup setup) {
        setup.service(this);
    }

    /** From now on; null for a result. */
    public void refuses(@Nullable StanzaError with) {
        refusal = with;
        silent = false;
    }

    /** From now on it does not answer. */
    public void isSilent() {
        silent = true;
    }

    /** Sends a stanza of its own. */
    public void says(TestServer server, String xml) {
        BareJid here = BareJid.ofDomain(subdomain + ".localhost");
        Stanza said = TestStanzas.parse(xml);
        Stanza stanza = said.from() == null ? said.withFrom(here) : said;
        server.turn(here, turn -> {
            turn.route(stanza);
            return null;
        });
        server.settle();
    }

    public int count() {
        return received.size();
    }

    public void forgets() {
        received.clear();
    }

    /** Takes the next stanza that it was sent; null if there is none. */
    public @Nullable Stanza next() {
        return received.poll();
    }

    /** Takes the only element of the next iq that it was sent. */
    public Element nextRequest() {
        Stanza next = next();
        if (!(next instanceof Iq iq)) {
            throw new AssertionError("expected an iq and got " + next);
        }
        return iq.request();
    }

    @Override
    public String subdomain() {
        return subdomain;
    }

    @Override
    public Identity identity() {
        return new Identity("pubsub", "push", "Push");
    }

    @Override
    public Set<String> features() {
        return Set.of("urn:xmpp:push:0");
    }

    @Override
    public void receive(Stanza stanza, Turn turn) {
        if (stanza.isAnswer()) {
            return;
        }
        Wiretap.hears(stanza.payload().children().toString());
        received.add(stanza);
        if (stanza instanceof Iq iq && !silent) {
            StanzaError error = refusal;
            turn.answer(error == null ? iq.result() : iq.error(error));
        }
    }
}
