// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.component;

import im.dunlin.core.session.Wire;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The place of one configured component, whether or not it is connected. Any thread. */
public final class Component {
    private final String domain;
    private final AtomicReference<@Nullable Wire> connection = new AtomicReference<>();

    Component(String domain) {
        this.domain = domain;
    }

    public String domain() {
        return domain;
    }

    public boolean isConnected() {
        return connection.get() != null;
    }

    /**
     * Makes this the component's connection. One that is there ends with {@code conflict}: whoever connects knows the secret,
     * and after a broken network the former connection may look alive for minutes.
     *
     * @return whether there was one
     */
    public boolean connect(Wire next) {
        Wire former = connection.getAndSet(next);
        if (former != null) {
            former.close(
                    StreamError.of(StreamError.Condition.CONFLICT, "another connection has taken this one's place"));
        }
        return former != null;
    }

    /** The connection is gone; of one that was replaced this means nothing. */
    public void disconnect(Wire gone) {
        connection.compareAndSet(gone, null);
    }

    /** Sends it a stanza. @return false if it is not connected */
    public boolean deliver(Stanza stanza) {
        Wire now = connection.get();
        if (now == null) {
            return false;
        }
        now.write(stanza);
        return true;
    }
}
