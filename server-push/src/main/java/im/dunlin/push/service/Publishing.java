// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.service;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.session.Allowance;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.push.app.Apps;
import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.payload.EncodedPush;
import im.dunlin.push.payload.RelayedPush;
import im.dunlin.push.registration.PushNames;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What servers publish to the service (XEP-0357 §6): checked, sent to the device's provider, and answered with what became of it.
 */
final class Publishing {
    static final Name PUBSUB = Name.of(Ns.PUBSUB, "pubsub");

    private static final Name PUBLISH = Name.of(Ns.PUBSUB, "publish");
    private static final Name ITEM = Name.of(Ns.PUBSUB, "item");
    private static final Name OPTIONS = Name.of(Ns.PUBSUB, "publish-options");
    private static final Name NOTIFICATION = Name.of(PushNames.PUSH, "notification");

    /** How long the publisher waits for its answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** What comes later does not ring any more. */
    private static final Duration PATIENCE_FOR_CALLS = Duration.ofSeconds(4);

    private static final int AT_ONCE = 10;
    private static final int PER_MINUTE = 20;

    /** Devices of which it is remembered how often they were woken. */
    private static final int REMEMBERED = 10_000;

    private final Setup setup;
    private final Apps apps;
    private final Targets targets;
    private final Map<String, Allowance> woken = new ConcurrentHashMap<>();

    Publishing(Setup setup, Apps apps, Targets targets) {
        this.setup = setup;
        this.apps = apps;
        this.targets = targets;
    }

    /** Answers at once what cannot be sent, and later what was. */
    void publish(Iq iq, Turn turn) {
        Jid from = iq.from();
        if (!(from instanceof BareJid publisher) || publisher.local() != null) {
            throw StanzaError.forbidden().toException();
        }
        Element publish = iq.request().requireChild(PUBLISH);
        String name = publish.requireAttr("node");
        RelayedPush relayed = RelayedPush.of(publish.requireChild(ITEM).requireChild(NOTIFICATION));
        FormOptions options = FormOptions.of(iq.request().first(OPTIONS));
        Targets.Node node = Targets.Node.parse(name);
        Target target = node == null ? null : targets.get(node, turn);
        if (node != null && target != null) {
            toTarget(iq, relayed, node, target, publisher, options, turn);
        } else {
            toToken(iq, relayed, name, publisher, options, turn);
        }
    }

    /** What goes along with a publish, in the form that the client gave its server. */
    private record FormOptions(
            @Nullable String secret, @Nullable String module) {
        static FormOptions of(@Nullable Element options) {
            Element form = options == null ? null : options.first(FormFields.FORM);
            FormFields fields = FormFields.parse(form, PushNames.PUBLISH_OPTIONS);
            return new FormOptions(fields.one("secret"), fields.one("pushModule"));
        }
    }

    private void toTarget(
            Iq iq,
            RelayedPush relayed,
            Targets.Node node,
            Target target,
            BareJid publisher,
            FormOptions options,
            Turn turn) {
        if (!publisher.domain().equals(target.publisher()) || !isSame(target.secret(), options.secret())) {
            throw StanzaError.forbidden().toException();
        }
        Apps.App app = apps.find(target.app());
        boolean isRinging = relayed.isCall() && target.callToken() != null;
        String token = isRinging ? target.callToken() : target.token();
        if (app == null || token == null) {
            throw StanzaError.itemNotFound().toException();
        }
        EncodedPush push = encode(relayed, node.text(), names(target), isRinging, app, turn);
        Instant registered = Micros.toInstant(target.registered());
        send(iq, push, app, token, turn, (answer, later) -> {
            if (isDead(answer, registered)) {
                forget(node, token, later);
            } else if (answer instanceof Answer.Accepted && targets.get(node, later) != null) {
                targets.used(node, later);
            }
        });
    }

    /** Both or none, and in as much time whatever is wrong. */
    private static boolean isSame(@Nullable String kept, @Nullable String said) {
        return kept == null
                || said != null
                        && MessageDigest.isEqual(
                                kept.getBytes(StandardCharsets.UTF_8), said.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, String> names(Target target) {
        String fingerprint = target.fingerprint();
        String channel = target.channel();
        if (fingerprint == null) {
            return Map.of("account", target.account());
        }
        return channel == null
                ? Map.of("account", fingerprint)
                : new TreeMap<>(Map.of("account", fingerprint, "channel", channel));
    }

    /**
     * Monal's clients register with nobody: their token is the node. Whoever knows a token could wake that device, so that
     * only hosts of this server may.
     */
    private void toToken(Iq iq, RelayedPush relayed, String token, BareJid publisher, FormOptions options, Turn turn) {
        Apps.App app = options.module() == null ? apps.first(Apps.Provider.APNS) : apps.find(options.module());
        if (options.module() != null && app == null) {
            throw StanzaError.badRequest("no such pushModule").toException();
        }
        if (app == null || options.secret() != null || !PushServiceModule.isToken(token, app.provider())) {
            throw StanzaError.itemNotFound().toException();
        }
        if (!setup.config().hosts().containsKey(publisher.domain())) {
            throw StanzaError.forbidden().toException();
        }
        send(iq, encode(relayed, token, Map.of(), false, app, turn), app, token, turn, (answer, later) -> {});
    }

    private static EncodedPush encode(
            RelayedPush relayed, String node, Map<String, String> names, boolean isRinging, Apps.App app, Turn turn) {
        return switch (app.provider()) {
            case APNS -> relayed.apns(node, names, isRinging, turn.now());
            case FCM -> relayed.fcm(node, names, turn.now());
            case WEB_PUSH -> throw StanzaError.itemNotFound().toException();
        };
    }

    /** What is done about an answer, in a turn of the service. */
    private interface Answered {
        void apply(Answer answer, Turn turn);
    }

    private void send(Iq iq, EncodedPush push, Apps.App app, String token, Turn turn, Answered then) {
        boolean isCall = push.rank() == PushRequest.Rank.CALL;
        if (!isCall && !mayWake(app.key() + token, turn.now())) {
            throw StanzaError.resourceConstraint("the device was woken too often")
                    .withType(StanzaError.Type.WAIT)
                    .toException();
        }
        PushRequest request = push.request(UUID.randomUUID(), app.key(), new PushAddress.Token(token, null));
        BareJid service = turn.jid();
        turn.afterwards(() -> apps.gateway(app)
                .send(request, isCall ? PATIENCE_FOR_CALLS : PATIENCE)
                .thenAccept(answer -> setup.submit(service, later -> {
                    then.apply(answer, later);
                    StanzaError error = error(answer);
                    later.route(error == null ? iq.result() : iq.error(error));
                })));
    }

    private boolean mayWake(String device, Instant now) {
        if (woken.size() >= REMEMBERED) {
            woken.values()
                    .removeIf(last -> last.at().plus(Duration.ofMinutes(1)).isBefore(now));
        }
        Allowance left = Allowance.spend(woken.get(device), AT_ONCE, PER_MINUTE, now);
        if (left == null || woken.size() >= REMEMBERED && !woken.containsKey(device)) {
            return false;
        }
        woken.put(device, left);
        return true;
    }

    private static boolean isDead(Answer answer, Instant registered) {
        return answer instanceof Answer.Gone gone && !gone.since().isBefore(registered)
                || answer instanceof Answer.Foreign;
    }

    private void forget(Targets.Node node, String token, Turn turn) {
        Target now = targets.get(node, turn);
        if (now == null) {
            return;
        }
        // What was registered meanwhile is another one.
        String alert = token.equals(now.token()) ? null : now.token();
        String call = token.equals(now.callToken()) ? null : now.callToken();
        if (alert == null && call == null) {
            targets.remove(node, turn);
        } else {
            targets.put(node, now.withTokens(alert, call), turn);
        }
    }

    /** Null for what the provider has taken. */
    static @Nullable StanzaError error(Answer answer) {
        if (answer instanceof Answer.Accepted) {
            return null;
        }
        if (answer instanceof Answer.Gone || answer instanceof Answer.Foreign) {
            return StanzaError.itemNotFound();
        }
        if (answer instanceof Answer.TooLarge || answer instanceof Answer.Refused) {
            return StanzaError.badRequest("the provider does not take it");
        }
        if (answer instanceof Answer.Unauthorized) {
            return StanzaError.internalServerError().withType(StanzaError.Type.WAIT);
        }
        if (answer instanceof Answer.Unanswered) {
            return StanzaError.remoteServerTimeout().withType(StanzaError.Type.WAIT);
        }
        return StanzaError.recipientUnavailable().withType(StanzaError.Type.WAIT);
    }
}
