// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.storage.Direction;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogEntry;

/**
 * Edits that the peer's side has yet to agree to. Where a client corrects the same message by a message of its own meanwhile, the
 * peer hears that behind the question; the answer must not put the older content back here.
 *
 * <pre>
 * rewrites-asked  entry, number of the question → whether a later change has been sent
 * </pre>
 */
final class Asked {
    record Question(long entry, long number) {}

    static final TableSpec<Question, Boolean> ASKED = new TableSpec<>(
            "rewrites-asked",
            Shape.QUEUE,
            new QuestionKeys(),
            Values.versioned(1, (out, isOvertaken) -> out.bool(isOvertaken), in -> in.bool()));

    /** Questions of one message at a time of which one can be overtaken. */
    private static final int MOST = 100;

    private final Table<Question, Boolean> asked;
    private final ConversationLog log;

    Asked(Setup setup, ConversationLog log) {
        this.asked = setup.table(ASKED);
        this.log = log;
    }

    /** @return the number of the question */
    long begin(Turn turn, long entry) {
        long number = turn.stamp();
        turn.put(asked, new Question(entry, number), false);
        return number;
    }

    /** The question is answered. @return whether the message was changed by something that was sent after it */
    boolean end(Turn turn, long entry, long number) {
        Question question = new Question(entry, number);
        Boolean isOvertaken = turn.get(asked, question);
        turn.delete(asked, question);
        return Boolean.TRUE.equals(isOvertaken);
    }

    /** A message of the account has corrected another one. */
    Verdict record(Passage passage, Turn turn) {
        Long id = passage.way() == Way.OUTBOUND && passage.traits().isCorrection()
                ? ArchiveId.parse(passage.archiveId())
                : null;
        LogEntry change = id == null ? null : log.entry(turn, id);
        if (change != null && change.rewrites() != 0) {
            long entry = change.rewrites();
            for (Row<Question, Boolean> row :
                    turn.scan(asked, Range.prefix(key -> key.u64(entry)), Direction.FORWARD, MOST)) {
                turn.put(asked, row.key(), true);
            }
        }
        return Verdict.PASS;
    }

    private static final class QuestionKeys implements KeyCodec<Question> {
        @Override
        public void write(Question key, KeyWriter out) {
            out.u64(key.entry()).u64(key.number());
        }

        @Override
        public Question read(KeyReader in) {
            return new Question(in.u64(), in.u64());
        }
    }
}
