// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.echo;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Identity;
import im.dunlin.core.module.Service;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import java.util.Set;

/**
 * {@code echo.HOST} answers each message with the same body, so that somebody with a new account can try a client, its
 * archive and its notifications without a second person.
 */
public final class EchoModule implements Service {
    public EchoModule(Setup setup) {
        setup.service(this);
    }

    @Override
    public String subdomain() {
        return "echo";
    }

    @Override
    public Identity identity() {
        return new Identity("client", "bot", "Echo");
    }

    @Override
    public Set<String> features() {
        return Set.of();
    }

    @Override
    public void receive(Stanza stanza, Turn turn) {
        if (stanza.isAnswer()) {
            return;
        }
        if (stanza instanceof Iq) {
            throw StanzaError.serviceUnavailable().toException();
        }
        if (stanza instanceof Presence presence && presence.type().isSubscription()) {
            // Whoever asks may see it; it never asks back.
            if (presence.type() == Presence.Type.SUBSCRIBE && stanza.from() != null) {
                turn.routeRecorded(Presence.of(
                        Presence.Type.SUBSCRIBED, turn.jid(), stanza.from().bare()));
            }
            return;
        }
        if (stanza instanceof Message message && message.type() != Message.Type.HEADLINE && message.from() != null) {
            Element body = message.payload().first(Message.BODY);
            if (body != null) {
                turn.routeRecorded(Message.of(message.type(), message.from(), body)
                        .withId(turn.randomId())
                        .withFrom(message.to()));
            }
        }
    }
}
