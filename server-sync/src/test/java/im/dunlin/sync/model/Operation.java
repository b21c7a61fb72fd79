// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * One thing that happens. What it is about is a number modulo what there is by then, and where there is nothing it does nothing,
 * so that every part of a history is a history too.
 *
 * @param device who does it
 * @param pick which peer, message or call
 * @param how of several ways
 */
record Operation(Kind kind, int device, int pick, int how) {
    enum Kind {
        SEND(12),
        EDIT(6),
        RETRACT(4),
        /** From the own archive only, which only Xabber's clients can ask for; as the next two. */
        RETRACT_HERE(1),
        FORGET(2),
        RETRACT_ALL(1),
        REACT(2),
        READ(5),
        RECEIVE(3),
        PIN(2),
        MUTE(2),
        ARCHIVE(2),
        ACTIVATE(1),
        DELETE(2),
        PROPOSE(4),
        RING(1),
        ACCEPT(2),
        REJECT(2),
        HANG_UP(3),
        /** Two call each other at once. */
        TIE(2),
        /** Somebody is blocked, is not heard and not spoken to, and is let in again. */
        BLOCK(2),
        /** The oldest of an archive is too old. */
        PRUNE(1),
        /** The connection breaks, and what was on its way is lost. */
        CUT(4),
        RESUME(5),
        RECONNECT(5),
        /** With the state of an old backup. */
        RECONNECT_OLD(2),
        /** And sends its last message again. */
        RECONNECT_RESENDING(3),
        LEAVE(1),
        WAIT(4),
        KILL(1),
        RESTART(1);

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }
    }

    private static final List<Kind> DRAWN = new ArrayList<>();

    static {
        for (Kind kind : Kind.values()) {
            DRAWN.addAll(Collections.nCopies(kind.weight, kind));
        }
    }

    static List<Operation> history(long seed, int length) {
        Random random = new Random(seed);
        List<Operation> history = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            history.add(new Operation(
                    DRAWN.get(random.nextInt(DRAWN.size())),
                    random.nextInt(1_000),
                    random.nextInt(1_000),
                    random.nextInt(1_000)));
        }
        return history;
    }
}
