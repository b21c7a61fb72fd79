// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.storage.Reader;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pages of a session that are being read, of whatever view: together they are bounded, and each by {@link PageBound}. */
public final class OpenPages {
    private static final SessionKey<Integer> READING = new SessionKey<>("archive.reading");

    private static final Logger logger = LoggerFactory.getLogger(OpenPages.class);

    private OpenPages() {}

    /** @throws im.dunlin.core.stanza.StanzaException {@code resource-constraint} if the session has too many */
    public static void begin(Turn turn, ClientSession session, AccountLimits limits) {
        int reading = Objects.requireNonNullElse(turn.get(session, READING), 0);
        if (reading >= limits.archiveQueries()) {
            throw StanzaError.resourceConstraint("too many queries at a time").toException();
        }
        turn.set(session, READING, reading + 1);
    }

    /**
     * Reads a page off the lane. When that fails, whatever the reason, the page is not open any more and the question is answered
     * with the error; otherwise {@code then} ends it.
     */
    public static <R> void read(
            Turn turn, ClientSession session, Iq iq, Function<Reader, R> query, BiConsumer<Turn, R> then) {
        turn.read(
                reader -> {
                    try {
                        return new Outcome<>(query.apply(reader), null);
                    } catch (StanzaException e) {
                        return new Outcome<R>(null, e.error());
                    } catch (RuntimeException e) {
                        logger.error("A page cannot be read", e);
                        return new Outcome<R>(null, StanzaError.internalServerError());
                    }
                },
                (later, outcome) -> {
                    R result = outcome.result();
                    if (result == null) {
                        end(later, session);
                        later.answer(iq.error(Objects.requireNonNull(outcome.error(), "neither page nor error")));
                    } else {
                        then.accept(later, result);
                    }
                });
    }

    private record Outcome<R>(@Nullable R result, @Nullable StanzaError error) {}

    public static void end(Turn turn, ClientSession session) {
        int reading = Objects.requireNonNullElse(turn.get(session, READING), 1);
        turn.set(session, READING, reading - 1);
    }
}
