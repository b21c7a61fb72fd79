// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.commands;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.StanzaError;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * All dialogues that wait for their askers. Lost with the process. Any thread: an asker may be in dialogues with the server and
 * with services, whose turns are on other lanes.
 */
final class Dialogues {
    /** A form that nobody filled in by then will not be. */
    static final Duration LIFETIME = Duration.ofMinutes(10);

    /** Of one account; a new one takes the place of the oldest, which the user has most likely left behind. */
    static final int MAX_OF_ASKER = 10;

    static final int MAX = 10_000;

    private final ConcurrentHashMap<BareJid, List<Dialogue>> open = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    /** @throws im.dunlin.core.stanza.StanzaException if too many wait already */
    void add(Dialogue dialogue, Instant now) {
        if (count.get() >= MAX) {
            expire(now);
            if (count.get() >= MAX) {
                throw StanzaError.resourceConstraint("too many commands wait for their users")
                        .toException();
            }
        }
        open.compute(dialogue.asker().bare(), (asker, present) -> {
            List<Dialogue> dialogues = alive(present, now);
            if (dialogues.size() == MAX_OF_ASKER) {
                dialogues.remove(0);
            }
            dialogues.add(dialogue);
            return counted(present, dialogues);
        });
    }

    /** Takes the dialogue of this id out, so that nobody else goes on with it; null if the asker has none. */
    @Nullable
    Dialogue take(String id, Jid asker, Instant now) {
        List<Dialogue> taken = new ArrayList<>(1);
        open.computeIfPresent(asker.bare(), (key, present) -> {
            List<Dialogue> dialogues = alive(present, now);
            for (Dialogue dialogue : dialogues) {
                if (dialogue.id().equals(id) && dialogue.asker().equals(asker)) {
                    taken.add(dialogue);
                }
            }
            dialogues.removeAll(taken);
            return counted(present, dialogues);
        });
        return taken.isEmpty() ? null : taken.get(0);
    }

    private void expire(Instant now) {
        for (BareJid asker : open.keySet()) {
            open.computeIfPresent(asker, (key, present) -> counted(present, alive(present, now)));
        }
    }

    private static List<Dialogue> alive(@Nullable List<Dialogue> present, Instant now) {
        List<Dialogue> alive = new ArrayList<>(present == null ? List.of() : present);
        alive.removeIf(dialogue -> !dialogue.expires().isAfter(now));
        return alive;
    }

    private @Nullable List<Dialogue> counted(@Nullable List<Dialogue> before, List<Dialogue> after) {
        count.addAndGet(after.size() - (before == null ? 0 : before.size()));
        return after.isEmpty() ? null : List.copyOf(after);
    }

    int count() {
        return count.get();
    }
}
