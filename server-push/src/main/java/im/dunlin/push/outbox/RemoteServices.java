// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.push.payload.Capability;
import im.dunlin.push.payload.Notice;
import im.dunlin.push.payload.Recipient;
import im.dunlin.push.payload.RemoteEncoder;
import im.dunlin.push.payload.RemotePush;
import im.dunlin.push.payload.SenderKey;
import im.dunlin.push.payload.Sequence;
import im.dunlin.push.payload.WebPushKey;
import im.dunlin.push.registration.Dialect;
import im.dunlin.push.registration.Registration;
import im.dunlin.push.registration.Registrations;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Push services that are XMPP entities elsewhere (XEP-0357 §7): each push is published by the account's server to the node that
 * the service gave the device.
 */
final class RemoteServices implements WayOut {
    private static final String PUBSUB_NS = "http://jabber.org/protocol/pubsub";
    private static final Name PUBSUB = Name.of(PUBSUB_NS, "pubsub");
    private static final Name PUBLISH = Name.of(PUBSUB_NS, "publish");
    private static final Name ITEM = Name.of(PUBSUB_NS, "item");
    private static final Name OPTIONS = Name.of(PUBSUB_NS, "publish-options");

    /** Publishes to one service that are not answered. Above, messages wait; above twice as many, so do calls. */
    private static final int MOST_OPEN = 1_000;

    private static final Duration AFTER_A_CROWD = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Of these the service means the node, or who may publish to it. */
    private static final Set<StanzaError.Condition> UNREACHABLE = EnumSet.of(
            StanzaError.Condition.ITEM_NOT_FOUND,
            StanzaError.Condition.GONE,
            StanzaError.Condition.FORBIDDEN,
            StanzaError.Condition.NOT_AUTHORIZED,
            StanzaError.Condition.POLICY_VIOLATION);

    /** These pass, whatever type the error has. */
    private static final Set<StanzaError.Condition> PASSING = EnumSet.of(
            StanzaError.Condition.RECIPIENT_UNAVAILABLE,
            StanzaError.Condition.REMOTE_SERVER_NOT_FOUND,
            StanzaError.Condition.REMOTE_SERVER_TIMEOUT,
            StanzaError.Condition.INTERNAL_SERVER_ERROR,
            StanzaError.Condition.RESOURCE_CONSTRAINT,
            StanzaError.Condition.SERVICE_UNAVAILABLE);

    private final Setup setup;
    private final Registrations registrations;
    private final Sequence sequence;
    private final RemoteEncoder encoder = new RemoteEncoder(new SecureRandom());
    private final Map<Jid, Integer> open = new ConcurrentHashMap<>();

    RemoteServices(Setup setup, Registrations registrations, Sequence sequence) {
        this.setup = setup;
        this.registrations = registrations;
        this.sequence = sequence;
    }

    @Override
    public boolean send(Registration registration, Notice notice, UUID id, Turn turn, BiConsumer<Turn, Outcome> then) {
        if (!isWanted(notice, registration)) {
            return false;
        }
        Recipient recipient = registrations.recipient(registration, turn);
        RemotePush push = switch (registration.dialect()) {
            case STANDARD -> encoder.standard(notice, recipient, number(registration, turn));
            case XABBER -> encoder.xabber(notice, recipient);
            case PUSH2 -> encoder.push2(notice, recipient, token(registration, turn));
        };
        if (push == null) {
            return false;
        }
        BareJid account = turn.jid();
        BareJid host = BareJid.ofDomain(account.domain());
        Jid service = registration.service();
        if (registration.dialect() == Dialect.PUSH2) {
            Message message = Message.of(Message.Type.NORMAL, service, push.notification());
            turn.afterwards(() -> {
                setup.submit(host, sending -> sending.route(message.withFrom(host)));
                setup.submit(account, resumed -> then.accept(resumed, new Outcome.Accepted("no answer is meant")));
            });
            return true;
        }
        int most = notice instanceof Notice.Call ? 2 * MOST_OPEN : MOST_OPEN;
        if (open.getOrDefault(service, 0) >= most) {
            turn.afterwards(() -> setup.submit(
                    account,
                    resumed -> then.accept(
                            resumed, new Outcome.NotSent("the service owes too many answers", AFTER_A_CROWD))));
            return true;
        }
        Element publish = publish(registration, push.notification());
        turn.afterwards(() -> setup.submit(host, asking -> {
            open.merge(service, 1, Integer::sum);
            Iq iq = Iq.set(service, asking.randomId(), publish).withFrom(host);
            asking.ask(iq, PATIENCE, (answered, answer) -> {
                open.computeIfPresent(service, (jid, count) -> count == 1 ? null : count - 1);
                Outcome outcome = outcome(answer);
                setup.submit(account, resumed -> then.accept(resumed, outcome));
            });
        }));
        return true;
    }

    /** Of what nobody is to see a service might show that something happened, so that the device's client has to ask for it. */
    private static boolean isWanted(Notice notice, Registration registration) {
        Set<Capability> capabilities = registration.wishes().capabilities();
        if (notice instanceof Notice.Read) {
            return registration.dialect() == Dialect.XABBER || capabilities.contains(Capability.READ);
        }
        return !(notice instanceof Notice.CallEnd end) || end.isMissed() || capabilities.contains(Capability.CALL_END);
    }

    /** Only what is encrypted in our own way has one. */
    private long number(Registration registration, Turn turn) {
        return registration.wishes().key() instanceof WebPushKey ? sequence.next(turn) : 0;
    }

    private static @Nullable Element token(Registration registration, Turn turn) {
        SenderKey sender = registration.wishes().sender();
        return sender == null ? null : sender.token(turn.jid().domain(), turn.now());
    }

    /** The options belong inside, where XEP-0060 has them; one example of XEP-0357 shows them beside. */
    private static Element publish(Registration registration, Element notification) {
        Element options = registration.options();
        return Element.builder(PUBSUB)
                .child(Element.of(PUBLISH)
                        .attr("node", registration.node())
                        .child(Element.of(ITEM).child(notification)))
                .childIfPresent(options == null ? null : Element.of(OPTIONS).child(options))
                .build();
    }

    /** @param answer null if there was none */
    static Outcome outcome(@Nullable Iq answer) {
        if (answer == null) {
            return new Outcome.Later("no answer", null);
        }
        if (!answer.isError()) {
            return new Outcome.Accepted("result");
        }
        StanzaError error = StanzaError.of(answer);
        String reason = error.condition().element().local();
        if (error.type() == StanzaError.Type.WAIT || PASSING.contains(error.condition())) {
            return new Outcome.Later(reason, null);
        }
        return UNREACHABLE.contains(error.condition()) ? new Outcome.Unreachable(reason) : new Outcome.Refused(reason);
    }
}
