// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.service;

import im.dunlin.core.config.Setting;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Identity;
import im.dunlin.core.module.Service;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.push.app.Apps;
import im.dunlin.push.registration.PushNames;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code push.HOST}: wakes devices of the operator's own apps for whatever server publishes to it (XEP-0357), so that no other
 * daemon need hold the apps' keys. Until an app is configured whose devices have tokens there is no such service.
 */
public final class PushServiceModule implements Service {
    /** Its name in the configuration. */
    public static final String KEY = "push-service";

    static final String SUBDOMAIN = "push";

    /** Whose devices may register. */
    public record Options(
            @Setting(
                    says = "Whether accounts of other servers may register devices of the apps with push.HOST.",
                    byDefault = "false")
            boolean otherServers) {}

    /** Of APNs; those of FCM are of more letters. */
    private static final Pattern HEX_TOKEN = Pattern.compile("([0-9A-Fa-f]{2}){32,200}");

    private static final Pattern FCM_TOKEN = Pattern.compile("[A-Za-z0-9:_-]{100,1024}");

    private final Setup setup;
    private final Apps apps;
    private final Publishing publishing;

    private volatile boolean isThere;

    public PushServiceModule(Setup setup) {
        this.setup = setup;
        this.apps = setup.require(Apps.class);
        Targets targets = new Targets(setup);
        publishing = new Publishing(setup, apps, targets);
        setup.service(this).accountRemoved(turn -> forget(turn, targets));
        new RegistrationCommands(setup, apps, targets, this::mayRegister);
    }

    private void forget(Turn turn, Targets targets) {
        BareJid account = turn.jid();
        BareJid service = BareJid.ofDomain(SUBDOMAIN + "." + account.domain());
        turn.afterwards(() -> setup.submit(service, later -> {
            if (later.exists()) {
                targets.forget(account, later);
            }
        }));
    }

    private boolean mayRegister(Jid asker, String host) {
        return setup.config().hosts().containsKey(asker.domain())
                || setup.config().host(host).options(KEY, Options.class).otherServers();
    }

    static boolean isToken(String text, Apps.Provider provider) {
        return switch (provider) {
            case APNS -> HEX_TOKEN.matcher(text).matches();
            case FCM -> FCM_TOKEN.matcher(text).matches();
            case WEB_PUSH -> false;
        };
    }

    /** Under which Tigase's clients look for a provider; null if they look for none such. */
    static @Nullable String tigaseId(Apps.Provider provider) {
        return switch (provider) {
            case APNS -> "tigase:messenger:apns:1";
            case FCM -> "fcm-xmpp-api";
            case WEB_PUSH -> null;
        };
    }

    // ---- the service
    // -------------------------------------------------------------------------------------------------

    @Override
    public String subdomain() {
        return SUBDOMAIN;
    }

    @Override
    public boolean isThere() {
        if (!isThere && (apps.first(Apps.Provider.APNS) != null || apps.first(Apps.Provider.FCM) != null)) {
            isThere = true;
        }
        return isThere;
    }

    @Override
    public Identity identity() {
        return new Identity("pubsub", "push", "Push");
    }

    @Override
    public Set<String> features() {
        Set<String> features = new HashSet<>(Set.of(PushNames.PUSH, PushNames.OWN, "tigase:push:encrypt:0"));
        for (Apps.App app : apps.all()) {
            String id = tigaseId(app.provider());
            if (id != null) {
                features.add(id);
            }
        }
        return features;
    }

    @Override
    public void receive(Stanza stanza, Turn turn) {
        if (stanza.isAnswer() || !(stanza instanceof Iq iq)) {
            return;
        }
        if (iq.type() != Iq.Type.SET || !iq.requestName().equals(Publishing.PUBSUB)) {
            throw StanzaError.serviceUnavailable().toException();
        }
        publishing.publish(iq, turn);
    }
}
