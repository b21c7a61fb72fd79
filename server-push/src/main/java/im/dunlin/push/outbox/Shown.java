// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.push.payload.Capability;
import im.dunlin.push.registration.Dialect;
import im.dunlin.push.registration.Registration;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What devices show, as far as is known: what they were woken for since they were last there. */
final class Shown {
    /** Messages of a conversation that are looked at, the newest first. */
    private static final int LOOKED_AT = 50;

    /** How long after a message an edit of it is worth a push. */
    private static final Duration EDITED_WITHIN = Duration.ofMinutes(10);

    private final ConversationLog log;
    private final History history;

    Shown(ConversationLog log, History history) {
        this.log = log;
        this.history = history;
    }

    /** Whether the device's app takes away what it shows. */
    static boolean takesAway(Registration registration) {
        return registration.wishes().capabilities().contains(Capability.READ)
                || registration.dialect() == Dialect.XABBER;
    }

    /** The ids of what the device shows of a conversation although the account has read it, the newest last. */
    List<String> read(Registration registration, ConversationKey key, ConversationHead head, Turn turn) {
        Deque<String> ids = new ArrayDeque<>();
        long before = head.positions().read() + 1;
        long after = Micros.of(turn.now().minus(History.KEPT));
        try (LogReader.Entries entries =
                log.reader().entries(turn.reader(), turn.owner().key(), key, after, before, Direction.BACKWARD)) {
            int looked = 0;
            for (Row<Long, LogEntry> row = entries.next();
                    row != null && looked < LOOKED_AT && ids.size() < Pending.MOST_DETAILS;
                    row = entries.next()) {
                looked++;
                String id = ArchiveId.format(row.key());
                if (!row.value().isOwn(turn.jid()) && isShown(registration, id, turn)) {
                    ids.addFirst(id);
                }
            }
        }
        return List.copyOf(ids);
    }

    boolean isShown(Registration registration, String id, Turn turn) {
        return history.shownSince(id, registration, turn) != null;
    }

    /** Whether the device has shown it so lately that whoever looks should see what has become of it. */
    boolean isShownLately(Registration registration, String id, Turn turn) {
        Instant since = history.shownSince(id, registration, turn);
        return since != null && since.plus(EDITED_WITHIN).isAfter(turn.now());
    }
}
