// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.lane.Turn;
import im.dunlin.push.payload.Notice;
import im.dunlin.push.registration.Registration;
import java.util.UUID;
import java.util.function.BiConsumer;

/** How pushes of some registrations leave. */
interface WayOut {
    /**
     * Sends one. In a turn of the account; nothing leaves before its writes are durable.
     *
     * @param id the same each time the same push is sent
     * @param then resumes the account with what became of it, exactly once unless the process ends
     * @return false if this service has no words for it, so that there is nothing to send
     */
    boolean send(Registration registration, Notice notice, UUID id, Turn turn, BiConsumer<Turn, Outcome> then);
}
