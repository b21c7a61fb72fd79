// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway;

import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A notification, ready to leave. Immutable; the octets of the payload are shared and nobody changes them.
 *
 * @param id stays the same when the notification is sent again, so that the service and the app can tell a repetition
 * @param app the key of the app profile in {@code push.apps}
 * @param address whom to reach: a token or a subscription
 * @param kind under which rules the platform delivers it
 * @param rank what overtakes what on this server; says nothing to the platform
 * @param urgency what the platform is told about haste
 * @param collapse replaces an undelivered notification with the same value on the way (collapse id of APNs, collapse key of
 *     FCM, Topic of Web Push); 1 to 32 characters of base64url
 * @param expires until when the service may keep it for a device that is away; it is not sent after this
 * @param payload APNs: the whole JSON text. FCM: a JSON object with strings only, which becomes {@code data}. Web Push: the
 *     encrypted body ({@code aes128gcm})
 */
public record PushRequest(
        UUID id,
        String app,
        PushAddress address,
        Kind kind,
        Rank rank,
        Urgency urgency,
        @Nullable String collapse,
        Instant expires,
        byte[] payload) {

    private static final Pattern COLLAPSE = Pattern.compile("[A-Za-z0-9_-]{1,32}");

    public PushRequest {
        if (collapse != null && !COLLAPSE.matcher(collapse).matches()) {
            throw new IllegalArgumentException("collapse is no base64url of 1 to 32 characters");
        }
        if (kind == Kind.VOIP && rank != Rank.CALL) {
            // A phone stops handing an app its calls when one of these was none.
            throw new IllegalArgumentException("a push of kind VOIP is a call and nothing else");
        }
    }

    /** Under which rules a platform delivers. Only APNs tells them apart. */
    public enum Kind {
        /** Shown, and changed by the app's extension before that. */
        ALERT,
        /** Starts the app for a moment, some time, if the system likes. */
        BACKGROUND,
        /** Starts the app at once; it must ring. Goes to the app's own topic for calls, so the address is that token. */
        VOIP
    }

    /** What overtakes what in a queue, the first first. */
    public enum Rank {
        CALL,
        CALL_END,
        MESSAGE,
        QUIET
    }

    /** What the platform is told. */
    public enum Urgency {
        /** Wakes the device, and is worth the battery. APNs 10, FCM HIGH, Web Push high. */
        HIGH,
        /** Shown, but no hurry. APNs 10, FCM HIGH (all that is shown is), Web Push normal. */
        NORMAL,
        /** Nothing to see. APNs 5, FCM NORMAL, Web Push low. */
        LOW
    }

    /** The same notification to another address, such as the same device in the other environment. */
    public PushRequest to(PushAddress other) {
        return new PushRequest(id, app, other, kind, rank, urgency, collapse, expires, payload);
    }

    /** Says nothing of what is in it. */
    @Override
    public String toString() {
        return "push " + id + " (" + rank + ", " + payload.length + " bytes) for " + app + " to " + address;
    }
}
