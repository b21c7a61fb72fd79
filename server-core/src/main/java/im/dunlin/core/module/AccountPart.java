// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Owner;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Reader;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a module keeps of an account, as it leaves a server and comes to another: as children of {@code <user/>} (XEP-0227 §4).
 *
 * <p>A child that can be large comes and goes in pieces: several elements of the same name, each with some of the children. What
 * {@link #take} was given and what {@link #export} gives are the same, so that an account which is brought in and taken out again
 * has not changed.
 */
public interface AccountPart {
    /** The children of {@code <user/>} that are this part's. */
    Set<Name> elements();

    /** Gives all that there is of the account, on a snapshot. Any thread. */
    void export(Owner account, Reader reader, Consumer<Element> out);

    /**
     * Takes a piece, in a turn of an account that is on its way in: nobody sees it, it has no sessions, and what it had before is
     * what came in pieces before.
     *
     * @throws im.dunlin.core.stanza.StanzaException with a text that says what is wrong; the account is not brought in then
     */
    void take(Element piece, Turn turn);

    /**
     * All pieces have come. Does a bounded part of what is left to do.
     *
     * @return whether nothing is left
     */
    default boolean isComplete(Turn turn) {
        return true;
    }
}
