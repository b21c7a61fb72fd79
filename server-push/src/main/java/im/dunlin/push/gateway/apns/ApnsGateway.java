// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.apns;

import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Gateway;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushAddress.Environment;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.gateway.PushThread;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/**
 * Apple's push service. Calls have connections of their own, so that no message is ever before them; there are at most four:
 * two environments, calls and the rest.
 */
public final class ApnsGateway implements Gateway {
    /** What Apple takes, in bytes. */
    static final int MAX_PAYLOAD = 4_096;

    static final int MAX_VOIP_PAYLOAD = 5_120;

    private static final Pattern TOKEN = Pattern.compile("[0-9A-Fa-f]{16,200}");

    /** What a token of the other environment is answered. */
    private static final Answer OF_OTHER_ENVIRONMENT = new Answer.Foreign("BadDeviceToken");

    private static final Duration OTHER_PAUSE = Duration.ofMinutes(1);

    /** Tokens of which it is remembered that they are of the environment that the app's usually are not of. */
    private static final int MOST_ELSEWHERE = 10_000;

    private record Links(ApnsLink calls, ApnsLink others) {}

    private final ApnsProfile profile;
    private final Map<String, Boolean> elsewhere = Collections.synchronizedMap(new LinkedHashMap<>(4, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_ELSEWHERE;
        }
    });
    private final Map<Environment, Links> links = new EnumMap<>(Environment.class);

    /** @param thread shared with other gateways; closed by whoever made it, after this */
    public ApnsGateway(ApnsProfile profile, ApnsServers servers, PushThread thread, InstantSource clock) {
        this.profile = profile;
        for (Environment environment : Environment.values()) {
            EventLoop loop = thread.loop();
            ApnsClients clients = new ApnsClients(profile.credentials(), servers, environment, thread.group());
            String name = "APNs (" + profile.topic() + ", " + environment + ")";
            links.put(
                    environment,
                    new Links(
                            new ApnsLink(name + " for calls", clients, profile.topic(), loop, clock, ApnsLink.CALLS),
                            new ApnsLink(name, clients, profile.topic(), loop, clock, ApnsLink.OTHERS)));
        }
    }

    @Override
    public CompletionStage<Answer> send(PushRequest request, Duration within) {
        int limit = request.kind() == PushRequest.Kind.VOIP ? MAX_VOIP_PAYLOAD : MAX_PAYLOAD;
        if (request.payload().length > limit) {
            return CompletableFuture.completedStage(new Answer.TooLarge(limit));
        }
        if (!(request.address() instanceof PushAddress.Token address)
                || !TOKEN.matcher(address.token()).matches()) {
            return CompletableFuture.completedStage(new Answer.Foreign("no token of APNs"));
        }
        Environment named = address.environment();
        if (named != null) {
            return offer(request, named, within);
        }
        long begun = System.nanoTime();
        Environment likely =
                elsewhere.containsKey(address.token()) ? other(profile.environment()) : profile.environment();
        return offer(request, likely, within).thenCompose(answer -> {
            Duration left = within.minusNanos(System.nanoTime() - begun);
            return answer.equals(OF_OTHER_ENVIRONMENT) && left.compareTo(Duration.ZERO) > 0
                    ? inOther(request, address.token(), other(likely), left, answer)
                    : CompletableFuture.completedStage(answer);
        });
    }

    /** Nobody said of which environment the token is, and of the likely one it is not. */
    private CompletionStage<Answer> inOther(
            PushRequest request, String token, Environment environment, Duration within, Answer first) {
        return offer(request, environment, within).thenApply(answer -> {
            if (answer instanceof Answer.Accepted) {
                remember(token, environment);
            }
            if (answer instanceof Answer.NotSent notSent) {
                // Asked again at once, Apple would be told the same wrong token again and again.
                return new Answer.RetryAfter(OTHER_PAUSE, Answer.Scope.DEVICE, notSent.reason());
            }
            // The app may have no business there, and that says nothing of the token.
            return answer instanceof Answer.Unauthorized || answer instanceof Answer.Refused ? first : answer;
        });
    }

    private void remember(String token, Environment environment) {
        if (environment == profile.environment()) {
            elsewhere.remove(token);
        } else {
            elsewhere.put(token, true);
        }
    }

    private static Environment other(Environment environment) {
        return environment == Environment.PRODUCTION ? Environment.SANDBOX : Environment.PRODUCTION;
    }

    private CompletionStage<Answer> offer(PushRequest request, Environment environment, Duration within) {
        Links those = links.get(environment);
        if (those == null) {
            throw new IllegalStateException(environment + " has links");
        }
        ApnsLink link = switch (request.rank()) {
            case CALL, CALL_END -> those.calls();
            case MESSAGE, QUIET -> those.others();
        };
        return link.offer(request, within);
    }

    @Override
    public int pending() {
        return all().stream().mapToInt(ApnsLink::pending).sum();
    }

    @Override
    public void close() {
        all().forEach(ApnsLink::close);
    }

    private Collection<ApnsLink> all() {
        return links.values().stream()
                .flatMap(those -> List.of(those.calls(), those.others()).stream())
                .toList();
    }
}
