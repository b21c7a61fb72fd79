// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Store;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Iqs of the server's own that wait for an answer (docs/adr/0005).
 *
 * <p>An answer counts only if it comes from the one that was asked and carries the id of an open question of that owner;
 * anything else is nobody's answer. Open questions in memory are lost with the process; durable ones keep a row and a timer.
 *
 * <pre>
 * questions   slot · number · id   → asked, kind, data
 * </pre>
 */
final class Questions {
    /** The timer kind that ends a durable question; its data is the id. */
    static final String DEADLINE = "questions.deadline";

    record Durable(String asked, String kind, byte[] data) {}

    static final TableSpec<String, Durable> QUESTIONS = new TableSpec<>(
            "questions", Shape.POINT, Keys.TEXT, Values.versioned(1, Questions::write, Questions::read));

    private record Deadline(Instant at, BareJid asker, OwnerState state, String id) {}

    private final Table<String, Durable> questions;
    private final Map<Lane, PriorityQueue<Deadline>> deadlines = new java.util.concurrent.ConcurrentHashMap<>();

    Questions(Store store) {
        questions = store.open(QUESTIONS);
    }

    /** Lane only. */
    void open(Lane lane, BareJid asker, OwnerState state, String id, OpenQuestion question) {
        state.questions.put(id, question);
        deadlines
                .computeIfAbsent(lane, ignored -> new PriorityQueue<>(Comparator.comparing(Deadline::at)))
                .add(new Deadline(question.deadline(), asker, state, id));
    }

    void open(Turn turn, String kind, byte[] data, Iq request, Instant deadline) {
        String id = Objects.requireNonNull(request.id(), "id");
        turn.put(questions, id, new Durable(String.valueOf(request.to()), kind, data));
        turn.schedule(DEADLINE, deadline, id.getBytes(StandardCharsets.UTF_8));
    }

    /** Resumes the owner if the stanza answers one of its open questions. */
    boolean answers(LaneTurn turn, Stanza stanza) {
        if (!(stanza instanceof Iq iq) || !iq.isAnswer() || iq.id() == null) {
            return false;
        }
        OpenQuestion open = turn.state().questions.get(iq.id());
        if (open != null && Objects.equals(open.asked(), from(turn, iq))) {
            turn.state().questions.remove(iq.id());
            open.then().resume(turn, iq);
            return true;
        }
        if (!turn.exists()) {
            return false;
        }
        Durable durable = turn.get(questions, iq.id());
        if (durable == null || !durable.asked().equals(String.valueOf(from(turn, iq)))) {
            return false;
        }
        turn.delete(questions, iq.id());
        turn.lanes().outlet().answered(turn, durable.kind(), durable.data(), iq);
        return true;
    }

    private static @Nullable Jid from(LaneTurn turn, Iq iq) {
        return turn.origin() != null ? turn.origin().jid() : iq.from();
    }

    /** The deadline of a durable question has come; nothing to do if it was answered. */
    void deadline(LaneTurn turn, byte[] data) {
        String id = new String(data, StandardCharsets.UTF_8);
        Durable durable = turn.get(questions, id);
        if (durable != null) {
            turn.delete(questions, id);
            turn.lanes().outlet().answered(turn, durable.kind(), durable.data(), null);
        }
    }

    /** Resumes owners whose questions were not answered in time. Lane only. */
    void expire(Lanes lanes, Lane lane, Instant now) {
        PriorityQueue<Deadline> queue = deadlines.get(lane);
        if (queue == null) {
            return;
        }
        List<Deadline> late = new ArrayList<>();
        while (!queue.isEmpty() && !queue.peek().at().isAfter(now)) {
            late.add(queue.remove());
        }
        for (Deadline deadline : late) {
            OpenQuestion open = deadline.state().questions.get(deadline.id());
            // Of an owner that is gone the questions are gone as well; a host that asks is none, and its question ends
            // too.
            if (open != null && !open.deadline().isAfter(now)) {
                lanes.submit(deadline.asker(), turn -> {
                    if (((LaneTurn) turn).state().questions.remove(deadline.id(), open)) {
                        open.then().resume(turn, null);
                    }
                });
            }
        }
    }

    private static void write(ValueWriter out, Durable durable) {
        out.text(durable.asked()).text(durable.kind()).bytes(durable.data());
    }

    private static Durable read(ValueReader in) {
        return new Durable(in.text(), in.text(), in.bytes());
    }
}
