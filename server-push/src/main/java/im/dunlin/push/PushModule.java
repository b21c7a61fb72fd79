// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push;

import im.dunlin.core.config.Setting;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Setup;
import im.dunlin.push.app.Apps;
import im.dunlin.push.outbox.PushEvents;
import im.dunlin.push.payload.TigaseKey;
import im.dunlin.push.policy.Situation;
import im.dunlin.push.registration.Dialect;
import im.dunlin.push.registration.PushNames;
import im.dunlin.push.registration.RegistrationRequests;
import im.dunlin.push.registration.Registrations;
import im.dunlin.push.registration.Revocations;
import java.time.Duration;

/**
 * XEP-0357: Push Notifications. A device that is not there is woken, by the service that its app uses, for what its user would
 * want to be woken for.
 */
public final class PushModule {
    /** Its name in the configuration. */
    public static final String KEY = "push";

    /** Who may have how many, and what is understood. */
    public record Options(
            @Setting(
                    says = "Registrations of one account. A new one takes the place of one that is disabled or was not"
                            + " used for 30 days; without such it is refused.",
                    byDefault = "10",
                    min = 1,
                    max = 1_000)
            int registrations,

            @Setting(
                    says = "How often an account may change its registrations in an hour; above, it is refused.",
                    byDefault = "20",
                    min = 1,
                    max = 100_000)
            int changesPerHour,

            @Setting(
                    says = "Whether Xabber's clients may register in their own way. Their encryption does not show who"
                            + " wrote a push.",
                    byDefault = "false")
            boolean xabber,

            @Setting(
                    says =
                            "What a call by somebody who is not in the roster does with a device that is away: shows that"
                                    + " somebody called, nothing, or rings.",
                    byDefault = "alert")
            Situation.StrangersCalls strangersCalls,

            @Setting(
                    says =
                            "How long the session of a device that can be woken waits to be resumed. Once it was woken, it"
                                    + " waits as long as any other.",
                    byDefault = "72h",
                    min = 0,
                    max = 2_592_000)
            Duration hibernation) {}

    private final Setup setup;

    /** Of a server without apps of its own: all devices are woken by services elsewhere. */
    public PushModule(Setup setup) {
        this(setup, Apps.NONE);
    }

    /** @param apps whose devices the server reaches by itself */
    public PushModule(Setup setup, Apps apps) {
        this.setup = setup;
        Registrations registrations =
                new Registrations(setup, domain -> setup.config().host(domain).hasModule(KEY));
        new RegistrationRequests(
                setup,
                registrations,
                domain -> new Registrations.Limits(
                        options(domain).registrations(), options(domain).changesPerHour()),
                (dialect, domain) ->
                        dialect != Dialect.XABBER || options(domain).xabber(),
                app -> apps.find(app) != null);
        new Revocations(setup, registrations);
        new PushEvents(
                setup,
                registrations,
                apps,
                domain -> options(domain).strangersCalls(),
                domain -> options(domain).hibernation());
        setup.implementing(357, "0.4.1")
                .implementing("RFC 8030")
                .implementing("RFC 8291")
                .implementing("RFC 8292")
                .provide(Registrations.class, registrations)
                .feature(PushNames.PUSH, Addressee.OWN_ACCOUNT)
                .feature(PushNames.OWN, Addressee.OWN_ACCOUNT)
                .feature(PushNames.PUSH2, Addressee.OWN_ACCOUNT)
                .feature(PushNames.PUSH2_IMPORTANT, Addressee.OWN_ACCOUNT)
                .feature(PushNames.PUSH2_NOTIFY_ONLY, Addressee.OWN_ACCOUNT)
                .feature(PushNames.PUSH2_SEND_ENCRYPTED, Addressee.OWN_ACCOUNT)
                .feature(TigaseKey.NAMESPACE, Addressee.OWN_ACCOUNT)
                .feature(TigaseKey.AES_128_GCM, Addressee.OWN_ACCOUNT)
                .feature(PushNames.PRIORITY, Addressee.OWN_ACCOUNT)
                .feature(PushNames.JINGLE, Addressee.OWN_ACCOUNT)
                .feature(PushNames.MUTED, Addressee.OWN_ACCOUNT)
                .feature(PushNames.IGNORE_UNKNOWN, Addressee.OWN_ACCOUNT)
                .feature(PushNames.GROUPCHAT, Addressee.OWN_ACCOUNT)
                .discoForm(domain -> AppsForm.of(apps), Addressee.OWN_ACCOUNT);
    }

    private Options options(String domain) {
        return setup.config().host(domain).options(KEY, Options.class);
    }
}
