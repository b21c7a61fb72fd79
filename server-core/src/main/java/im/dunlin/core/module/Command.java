// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import org.jspecify.annotations.Nullable;

/**
 * What users have done by a command, with forms or without (XEP-0050). Declared with {@link Setup#command}; commands of the
 * server run on the asker's lane, those of a service in its own turn.
 */
public interface Command {
    /** Its name on the wire; one of a kind at its addressee. */
    String node();

    /** Whether there is such a command at all, for whomever; one that is not is not found. */
    default boolean isThere() {
        return true;
    }

    /** What people read in a list of commands. */
    String name();

    /**
     * Whether it is there for whoever asks; asked again at every step.
     *
     * @param host of the server, service or account that is asked
     */
    boolean isFor(Jid asker, String host, Turn turn);

    /**
     * Begins. A form that came along with the request is taken as sent for the form that is shown first.
     *
     * @return null if {@link CommandCall#answer} will be called later
     */
    @Nullable
    CommandStep begin(CommandCall call, Turn turn);
}
