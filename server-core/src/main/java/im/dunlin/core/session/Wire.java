// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.session;

import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import org.jspecify.annotations.Nullable;

/**
 * One connection, as its session sees it. Any thread may call it; nothing waits: what is written is queued for the
 * connection's event loop, and a queue over its bound ends the connection.
 */
public interface Wire {
    void write(Stanza stanza);

    /**
     * Writes what an earlier connection of the session could not bring: it is bounded and kept by the session already, and
     * counts towards no bound of the queue.
     */
    default void repeat(Stanza stanza) {
        write(stanza);
    }

    /** Writes an element that is not a stanza, such as {@code <r/>} (XEP-0198). */
    void write(Element nonza);

    /**
     * From now on what is written waits: the client does not know yet which session it has. An end drops what waits, since
     * nothing of it can have been counted.
     */
    void hold();

    /** Lets out what waits. */
    void release();

    /** Ends the stream after what was written, with an error or, without one, politely. */
    void close(@Nullable StreamError error);

    /** Returns credit: so many bytes of the client's stanzas are finished with. */
    void credit(int bytes);
}
