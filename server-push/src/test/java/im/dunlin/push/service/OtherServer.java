// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.service;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Identity;
import im.dunlin.core.module.Service;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A domain whose host and accounts are none of this server's; what they are answered is kept. */
final class OtherServer implements Service {
    static final String DOMAIN = "other.localhost";

    private final Queue<Iq> answers = new ConcurrentLinkedQueue<>();

    void declare(Setup setup) {
        setup.service(this);
    }

    /** Sends from an address of the domain, and takes the answer. */
    Iq asks(TestServer server, String from, Jid to, Element request) {
        server.turn(BareJid.ofDomain(DOMAIN), turn -> {
            turn.route(Iq.set(to, turn.randomId(), request).withFrom(Jid.of(from)));
            return null;
        });
        server.settle();
        Iq answer = answers.poll();
        if (answer == null) {
            throw new AssertionError("no answer");
        }
        return answer;
    }

    @Override
    public String subdomain() {
        return "other";
    }

    @Override
    public Identity identity() {
        return new Identity("server", "im", "Other");
    }

    @Override
    public Set<String> features() {
        return Set.of();
    }

    @Override
    public void receive(Stanza stanza, Turn turn) {
        if (stanza instanceof Iq iq && iq.isAnswer()) {
            answers.add(iq);
        }
    }
}
