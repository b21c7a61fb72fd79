// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.Reader;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One step's part in a bind (XEP-0386). Belongs to the account's lane.
 *
 * <p>The client hears of the bind when all steps have answered; what other turns send to the session meanwhile waits, and
 * reaches it behind {@code <success/>}.
 */
public interface Binding {
    /** The new session; {@link ClientSession#DEVICE} says on which device, if the client told. */
    ClientSession session();

    /** The client's wish; null if this step is asked at every bind. */
    @Nullable
    Element request();

    /** Adds to {@code <bound/>}. In the turn of the step, or of a {@link #read} that it began. */
    void answer(Element element);

    /**
     * Runs a long read on a frozen view that has this turn's writes, off the lane, and goes on with the result in a turn of the
     * account; the client's answer waits for it. If either fails, the login goes on without this step's answers.
     */
    <R> void read(Turn turn, Function<Reader, R> query, BiConsumer<Turn, R> then);
}
