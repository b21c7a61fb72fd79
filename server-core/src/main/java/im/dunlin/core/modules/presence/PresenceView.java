// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.presence;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Presence;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What other modules may know of the presence of a turn's account. Reads nothing from the store. */
public interface PresenceView {
    /** The last presence that the session broadcast; null if it is not available. */
    @Nullable
    Presence last(ClientSession session, Turn turn);

    /** Changes what available sessions have broadcast last; whoever gets their presence is told, as if the clients had sent it. */
    void revise(UnaryOperator<Presence> revision, Turn turn);

    default boolean isAvailable(ClientSession session, Turn turn) {
        return last(session, turn) != null;
    }

    /** The priority of an available session. */
    default int priority(ClientSession session, Turn turn) {
        return Objects.requireNonNull(last(session, turn)).priority();
    }

    /** Sessions that are available, in the order of binding. */
    default List<ClientSession> available(Turn turn) {
        List<ClientSession> available = new ArrayList<>(turn.sessions().size());
        for (ClientSession session : turn.sessions()) {
            if (isAvailable(session, turn)) {
                available.add(session);
            }
        }
        return available;
    }
}
