// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.apns;

import com.eatthepath.pushy.apns.ApnsPushNotification;
import com.eatthepath.pushy.apns.DeliveryPriority;
import com.eatthepath.pushy.apns.PushType;
import im.dunlin.push.gateway.Attempt;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An attempt as Pushy sees it. Pushy does not say whether it failed before or after something left; but it asks for the
 * payload just before it writes it, and not without a connection.
 */
final class Departure implements ApnsPushNotification {
    private final Attempt attempt;
    private final String topic;
    private final Runnable onWriting;
    private boolean isWritten;

    Departure(Attempt attempt, String topic, Runnable onWriting) {
        this.attempt = attempt;
        this.topic = topic;
        this.onWriting = onWriting;
    }

    Attempt attempt() {
        return attempt;
    }

    boolean isWritten() {
        return isWritten;
    }

    @Override
    public String getPayload() {
        if (!isWritten) {
            isWritten = true;
            attempt.leaves();
            onWriting.run();
        }
        return new String(attempt.request().payload(), StandardCharsets.UTF_8);
    }

    @Override
    public String getToken() {
        return ((PushAddress.Token) attempt.request().address()).token();
    }

    @Override
    public Instant getExpiration() {
        return attempt.request().expires();
    }

    @Override
    public DeliveryPriority getPriority() {
        PushRequest request = attempt.request();
        // One in the background that is not 5 is refused.
        return request.kind() == PushRequest.Kind.BACKGROUND || request.urgency() == PushRequest.Urgency.LOW
                ? DeliveryPriority.CONSERVE_POWER
                : DeliveryPriority.IMMEDIATE;
    }

    @Override
    public PushType getPushType() {
        return switch (attempt.request().kind()) {
            case ALERT -> PushType.ALERT;
            case BACKGROUND -> PushType.BACKGROUND;
            case VOIP -> PushType.VOIP;
        };
    }

    @Override
    public String getTopic() {
        return attempt.request().kind() == PushRequest.Kind.VOIP ? topic + ".voip" : topic;
    }

    @Override
    public @Nullable String getCollapseId() {
        return attempt.request().collapse();
    }

    @Override
    public UUID getApnsId() {
        return attempt.request().id();
    }
}
