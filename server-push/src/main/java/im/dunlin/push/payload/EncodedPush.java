// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A notice in the form of one provider: a {@link PushRequest} but for the address. It does not change when it is sent again;
 * written anew, it would have another sequence number and be shown twice.
 */
public record EncodedPush(
        PushRequest.Kind kind,
        PushRequest.Rank rank,
        PushRequest.Urgency urgency,
        @Nullable String collapse,
        Instant expires,
        byte[] payload) {

    /** The same, with where it goes. {@link PushRequest.Kind#VOIP} goes to the device's token for calls. */
    public PushRequest request(UUID id, String app, PushAddress address) {
        return new PushRequest(id, app, address, kind, rank, urgency, collapse, expires, payload);
    }
}
