// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.session;

import im.dunlin.core.jid.FullJid;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A bound resource of an account, connected or waiting to be resumed (XEP-0198).
 *
 * <p>Address and {@link #outbound()} may be used from any thread; attributes belong to the account's lane and are read and
 * changed through a {@link im.dunlin.core.lane.Turn}.
 */
public final class ClientSession {
    /**
     * The connection whose stanzas are this session's. What still comes from a former one is not handled: the client was told
     * how far the server had come, and sends the rest again.
     */
    public static final SessionKey<Wire> CONNECTION = new SessionKey<>("session.connection");

    /** From the next stanza on, what the client sends is counted (XEP-0198 §4). */
    public static final SessionKey<Boolean> COUNTING = new SessionKey<>("session.counting");

    /**
     * The id of the client's installation (XEP-0388 §2.2), the same each time it logs in and of no meaning outside the account;
     * absent if the client did not say. Kept over a restart.
     */
    public static final SessionKey<String> DEVICE = new SessionKey<>("session.device");

    /**
     * Until when the session waits to be resumed once its connection is gone, in microseconds, where that is not what its client
     * was told. It is looked at each time the usual wait is over, so that a session ends by one such wait after it at the latest.
     * Forgotten when the session is resumed; kept over a restart.
     */
    public static final SessionKey<Long> WAITS_UNTIL = new SessionKey<>("session.waits-until");

    private static final Object[] NONE = {};

    private final FullJid jid;
    private final Outbound outbound;
    // Pairs of key and value: a session has a handful, and ten thousand idle sessions should not hold ten thousand
    // maps.
    private Object[] attributes = NONE;
    private long received;

    /** A session on its first connection. */
    public ClientSession(FullJid jid, Wire connection) {
        this(jid, new Outbound(connection));
        attribute(CONNECTION, connection);
    }

    /** A session without a connection, kept over a restart of the server. */
    public ClientSession(FullJid jid, Outbound outbound) {
        this.jid = Objects.requireNonNull(jid, "jid");
        this.outbound = Objects.requireNonNull(outbound, "outbound");
    }

    public FullJid jid() {
        return jid;
    }

    public Outbound outbound() {
        return outbound;
    }

    /** Lane only. */
    @SuppressWarnings("unchecked") // set() is the only writer and pairs key and value by type
    public <T> @Nullable T attribute(SessionKey<T> key) {
        for (int i = 0; i < attributes.length; i += 2) {
            if (attributes[i] == key) {
                return (T) attributes[i + 1];
            }
        }
        return null;
    }

    /** Lane only, when a turn that set it has succeeded. */
    public <T> void attribute(SessionKey<T> key, @Nullable T value) {
        for (int i = 0; i < attributes.length; i += 2) {
            if (attributes[i] == key) {
                if (value != null) {
                    attributes[i + 1] = value;
                } else {
                    Object[] rest = Arrays.copyOf(attributes, attributes.length - 2);
                    System.arraycopy(attributes, i + 2, rest, i, attributes.length - i - 2);
                    attributes = rest;
                }
                return;
            }
        }
        if (value != null) {
            attributes = Arrays.copyOf(attributes, attributes.length + 2);
            attributes[attributes.length - 2] = key;
            attributes[attributes.length - 1] = value;
        }
    }

    // ---- what the client sends
    // ---------------------------------------------------------------------------------------

    /** Continues the count of a session that a former run of the server kept. Lane only. */
    public void continueCounting(long count) {
        attribute(COUNTING, true);
        received = count;
    }

    /** Stanzas whose turns have begun. Lane only. */
    public long received() {
        return received;
    }

    /** Counts one more stanza, if they are counted. Lane only. @return the count */
    public long countReceived() {
        if (attribute(COUNTING) != null) {
            received++;
        }
        return received;
    }

    @Override
    public String toString() {
        return jid.toString();
    }
}
