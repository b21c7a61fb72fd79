// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.fcm;

import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Gateway;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.gateway.PushThread;
import im.dunlin.push.gateway.SendQueue;
import im.dunlin.push.gateway.https.HttpsClient;
import im.dunlin.push.gateway.https.Origin;
import io.netty.channel.EventLoop;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Google's push service. Data only and never a text for the system to show: the app has to decrypt first. Calls have
 * connections of their own.
 */
public final class FcmGateway implements Gateway {
    /** Google's. */
    public static final URI GOOGLE = URI.create("https://fcm.googleapis.com");

    /** Keys and values of the data together, in bytes. */
    static final int MAX_DATA = 4_096;

    /** One at a time goes over a connection; more than these would not be faster. */
    private static final SendQueue.Limits CALLS = new SendQueue.Limits(10_000, 8, Duration.ofSeconds(1));

    private static final SendQueue.Limits OTHERS = new SendQueue.Limits(10_000, 32, Duration.ofSeconds(30));

    private static final Pattern TOKEN = Pattern.compile("[!-~]{1,4096}");

    private final FcmMessages messages;
    private final FcmLink calls;
    private final FcmLink others;

    /**
     * @param service {@link #GOOGLE}, but for tests
     * @param client closed by whoever made it
     * @param thread the client's
     */
    public FcmGateway(ServiceAccount account, URI service, HttpsClient client, PushThread thread, InstantSource clock) {
        EventLoop loop = thread.loop();
        this.messages = new FcmMessages(clock);
        AccessTokens tokens = new AccessTokens(account, client, loop, clock);
        FcmLink.Target target =
                new FcmLink.Target(Origin.of(service), "/v1/projects/" + account.project() + "/messages:send");
        String name = "FCM (" + account.project() + ")";
        this.calls = new FcmLink(name + " for calls", target, messages, tokens, client, loop, clock, CALLS);
        this.others = new FcmLink(name, target, messages, tokens, client, loop, clock, OTHERS);
    }

    @Override
    public CompletionStage<Answer> send(PushRequest request, Duration within) {
        if (!(request.address() instanceof PushAddress.Token address)
                || !TOKEN.matcher(address.token()).matches()) {
            return CompletableFuture.completedStage(new Answer.Foreign("no token of FCM"));
        }
        @Nullable Answer wrong = messages.check(request.payload());
        if (wrong != null) {
            return CompletableFuture.completedStage(wrong);
        }
        FcmLink link = switch (request.rank()) {
            case CALL, CALL_END -> calls;
            case MESSAGE, QUIET -> others;
        };
        return link.offer(request, within);
    }

    @Override
    public int pending() {
        return calls.pending() + others.pending();
    }

    @Override
    public void close() {
        calls.close();
        others.close();
    }
}
