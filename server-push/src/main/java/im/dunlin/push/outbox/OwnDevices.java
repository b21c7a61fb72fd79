// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.push.app.Apps;
import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.payload.DeviceEncoder;
import im.dunlin.push.payload.EncodedPush;
import im.dunlin.push.payload.Notice;
import im.dunlin.push.payload.Recipient;
import im.dunlin.push.payload.Sequence;
import im.dunlin.push.registration.Direct;
import im.dunlin.push.registration.Registration;
import im.dunlin.push.registration.Registrations;
import im.dunlin.storage.OwnerKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Devices of the operator's apps, which register with the host itself: their pushes go to the provider at once. */
final class OwnDevices implements WayOut {
    /** What comes later does not ring any more. */
    private static final Duration PATIENCE_FOR_CALLS = Duration.ofSeconds(4);

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** How long nothing is tried that could not even be sent. */
    private static final Duration REST = Duration.ofSeconds(5);

    private static final Duration REST_OF_CALLS = Duration.ofSeconds(1);

    /** How long nothing is tried of an app whose keys its provider refuses: somebody has to see to it. */
    private static final Duration UNAUTHORIZED_REST = Duration.ofMinutes(1);

    private static final Duration QUIET_REST = Duration.ofMinutes(30);

    /** Devices of which it is remembered when they were last woken without anybody seeing it. */
    private static final int MOST_QUIET = 10_000;

    /** A few thousand octets each. */
    private static final int MOST_WRITTEN = 2_000;

    /**
     * @param isUnanswered it may have arrived; of a call it is not risked a third time that it did
     * @param isCut its text was too long for the service
     */
    private record Written(EncodedPush push, boolean isUnanswered, boolean isCut) {}

    private final Setup setup;
    private final Registrations registrations;
    private final Sequence sequence;
    private final Apps apps;

    /**
     * What may have to be sent again, as it was: written anew it would have another number, and the device would show it twice if
     * the first arrived after all. A restart forgets it.
     */
    private final Map<UUID, Written> written = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Written> eldest) {
            return size() > MOST_WRITTEN;
        }
    });

    private record Device(OwnerKey owner, long registration) {}

    private final Map<Device, Instant> quiet = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Device, Instant> eldest) {
            return size() > MOST_QUIET;
        }
    });

    private final DeviceEncoder encoder = new DeviceEncoder(new SecureRandom());

    OwnDevices(Setup setup, Registrations registrations, Sequence sequence, Apps apps) {
        this.setup = setup;
        this.registrations = registrations;
        this.sequence = sequence;
        this.apps = apps;
    }

    @Override
    public boolean send(Registration registration, Notice notice, UUID id, Turn turn, BiConsumer<Turn, Outcome> then) {
        Direct direct = Objects.requireNonNull(registration.wishes().direct());
        Apps.App app = apps.find(direct.app());
        if (app == null) {
            return false;
        }
        Written known = written.get(id);
        EncodedPush push = known != null
                ? known.push()
                : encode(app, notice, registrations.recipient(registration, turn), sequence.next(turn));
        PushAddress address =
                push == null || push.kind() != PushRequest.Kind.VOIP ? direct.address() : direct.callAddress();
        if (push == null || address == null) {
            return false;
        }
        BareJid account = turn.jid();
        Duration rest = restOfQuiet(push, registration, turn);
        if (!rest.isZero()) {
            Outcome later = new Outcome.NotSent("the system wakes no app for this so often", rest);
            turn.afterwards(() -> setup.submit(account, resumed -> then.accept(resumed, later)));
            return true;
        }
        written.putIfAbsent(id, new Written(push, false, false));
        boolean isCall = push.rank() == PushRequest.Rank.CALL;
        PushRequest request = push.request(id, app.key(), address);
        turn.afterwards(() -> apps.gateway(app)
                .send(request, isCall ? PATIENCE_FOR_CALLS : PATIENCE)
                .thenAccept(answer -> setup.submit(
                        account,
                        resumed ->
                                then.accept(resumed, arrived(answer, app, registration, notice, request, resumed)))));
        return true;
    }

    /** Apple's systems start an app in the background two or three times an hour, and keep the newest push that waits for it. */
    private Duration restOfQuiet(EncodedPush push, Registration registration, Turn turn) {
        if (push.kind() != PushRequest.Kind.BACKGROUND) {
            return Duration.ZERO;
        }
        Device device = new Device(turn.owner().key(), registration.number());
        Instant last = quiet.get(device);
        if (last != null && last.plus(QUIET_REST).isAfter(turn.now())) {
            return Duration.between(turn.now(), last.plus(QUIET_REST));
        }
        quiet.put(device, turn.now());
        return Duration.ZERO;
    }

    private Outcome arrived(
            Answer answer, Apps.App app, Registration registration, Notice notice, PushRequest request, Turn turn) {
        UUID id = request.id();
        boolean isCall = request.rank() == PushRequest.Rank.CALL;
        if (isDead(answer, Micros.toInstant(registration.registered()))) {
            written.remove(id);
            String reason = reason(answer);
            boolean hasAnother = registrations.forget(registration, request.address(), reason, turn);
            // A phone without a token for calls is told of them as of messages.
            return hasAnother && request.kind() == PushRequest.Kind.VOIP
                    ? new Outcome.NotSent(reason + "; calls are alerts from now on", Duration.ZERO)
                    : new Outcome.Refused(reason);
        }
        Written known = written.get(id);
        if (answer instanceof Answer.Unanswered unanswered && isCall && known != null) {
            if (known.isUnanswered()) {
                written.remove(id);
                return new Outcome.Unknown(unanswered.reason());
            }
            written.put(id, new Written(known.push(), true, known.isCut()));
        }
        if (answer instanceof Answer.TooLarge
                && known != null
                && !known.isCut()
                && cut(app, registration, notice, id, turn)) {
            return new Outcome.NotSent("too long for the service; sent again without its text", Duration.ZERO);
        }
        Outcome outcome = outcome(answer, isCall);
        if (!isOpen(outcome)) {
            written.remove(id);
        }
        return outcome;
    }

    private static boolean isOpen(Outcome outcome) {
        return outcome instanceof Outcome.Later
                || outcome instanceof Outcome.NotSent
                || outcome instanceof Outcome.Doubtful;
    }

    /** Not all push servers take as much as they should. The device finds the text in the archive. */
    private boolean cut(Apps.App app, Registration registration, Notice notice, UUID id, Turn turn) {
        Notice shorter =
                notice instanceof Notice.Message message && message.text() != null ? message.withoutText() : null;
        EncodedPush push = shorter == null
                ? null
                : encode(app, shorter, registrations.recipient(registration, turn), sequence.next(turn));
        if (push == null) {
            return false;
        }
        written.put(id, new Written(push, false, true));
        return true;
    }

    /** Whoever registered after that has another token which only looks the same. */
    static boolean isDead(Answer answer, Instant registered) {
        return answer instanceof Answer.Foreign
                || answer instanceof Answer.Gone gone && !gone.since().isBefore(registered);
    }

    private static String reason(Answer dead) {
        return dead instanceof Answer.Gone gone ? gone.reason() : ((Answer.Foreign) dead).reason();
    }

    private @Nullable EncodedPush encode(Apps.App app, Notice notice, Recipient recipient, long number) {
        return switch (app.provider()) {
            case APNS -> encoder.apns(notice, recipient, number);
            case FCM -> encoder.fcm(notice, recipient, number);
            case WEB_PUSH -> encoder.webPush(notice, recipient, number);
        };
    }

    /** Of an address that is not dead. */
    static Outcome outcome(Answer answer, boolean isCall) {
        if (answer instanceof Answer.Accepted accepted) {
            return new Outcome.Accepted(accepted.id());
        } else if (answer instanceof Answer.Gone gone) {
            return new Outcome.Later(gone.reason(), null);
        } else if (answer instanceof Answer.RetryAfter retry) {
            return retry.scope() == Answer.Scope.DEVICE
                    ? new Outcome.Later(retry.reason(), retry.after())
                    : new Outcome.NotSent(retry.reason(), retry.after());
        } else if (answer instanceof Answer.Unanswered unanswered) {
            return new Outcome.Later(unanswered.reason(), null);
        } else if (answer instanceof Answer.Unauthorized unauthorized) {
            return new Outcome.NotSent(unauthorized.reason(), UNAUTHORIZED_REST);
        } else if (answer instanceof Answer.Rejected rejected) {
            return new Outcome.Doubtful(rejected.reason());
        } else if (answer instanceof Answer.TooLarge large) {
            return new Outcome.Refused("more than " + large.limit() + " octets");
        } else if (answer instanceof Answer.Refused refused) {
            return new Outcome.Refused(refused.reason());
        } else if (answer instanceof Answer.NotSent notSent && notSent.why() != Answer.Why.EXPIRED) {
            return new Outcome.NotSent(notSent.reason(), isCall ? REST_OF_CALLS : REST);
        }
        return new Outcome.Refused("it is too late");
    }
}
