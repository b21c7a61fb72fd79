// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.session;

import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is on its way to one client, over one connection or, with stream management (XEP-0198), over several in turn.
 *
 * <p>Turns put stanzas in, the current {@link Wire} takes them out, and the client's acknowledgements forget them. It
 * outlives its connection: detached, it keeps what was not acknowledged until the session is resumed or ends.
 *
 * <p>Safe for any thread. One short lock, never held while waiting: the three callers (the account's lane by way of the sync
 * thread, the old connection's loop and the new one's) meet only here, and a hand-over by messages between three threads
 * could not be both ordered and immediate.
 */
public final class Outbound {
    public static final Element REQUEST = Element.of(Name.of("urn:xmpp:sm:3", "r"));

    /** An acknowledgement is asked for after so many stanzas; messages with content ask at once (they may wake a push). */
    private static final int REQUEST_EVERY = 10;

    /** What is kept for a client that acknowledges nothing: stanzas, and bytes of payload. */
    public record Bounds(int stanzas, int bytes) {}

    private @Nullable Wire wire;
    private long attachments;
    private boolean ended;
    private boolean resumable;

    private @Nullable String managementId;
    private Bounds bounds = new Bounds(0, 0);
    private final ArrayDeque<Stanza> unacknowledged = new ArrayDeque<>(0);
    private int unacknowledgedBytes;
    private long acknowledged;
    private long sinceRequest;
    private boolean requested;

    private volatile long handled;

    public Outbound(Wire wire) {
        this.wire = wire;
    }

    /** A session that waits to be resumed from the start: kept over a restart of the server. */
    public static Outbound restored(
            String managementId, Bounds bounds, long handled, long acknowledged, List<Stanza> kept) {
        Outbound outbound = new Outbound(managementId, bounds, handled, acknowledged);
        kept.forEach(outbound::keep);
        return outbound;
    }

    private Outbound(String managementId, Bounds bounds, long handled, long acknowledged) {
        this.managementId = managementId;
        this.resumable = true;
        this.bounds = bounds;
        this.handled = handled;
        this.acknowledged = acknowledged;
    }

    /** Sends a stanza, or keeps it for the resumption. */
    public synchronized void deliver(Stanza stanza) {
        if (ended) {
            return;
        }
        if (managementId != null) {
            keep(stanza);
        }
        if (wire == null) {
            return;
        }
        wire.write(stanza);
        if (managementId != null) {
            if (unacknowledged.size() > bounds.stanzas() || unacknowledgedBytes > bounds.bytes()) {
                // Kept on for the moment that the connection takes to end; then the lane finds the session overfull.
                wire.close(StreamError.of(StreamError.Condition.RESOURCE_CONSTRAINT));
                return;
            }
            sinceRequest++;
            if (!requested && sinceRequest >= REQUEST_EVERY) {
                request();
            }
        }
    }

    /** Asks for an acknowledgement now, if anything is unacknowledged and nothing was asked yet. */
    public synchronized void requestAcknowledgement() {
        if (wire != null && managementId != null && !requested && !unacknowledged.isEmpty()) {
            request();
        }
    }

    private void request() {
        if (wire != null) {
            wire.write(REQUEST);
            requested = true;
            sinceRequest = 0;
        }
    }

    private void keep(Stanza stanza) {
        unacknowledged.add(stanza);
        unacknowledgedBytes += stanza.payload().size();
    }

    /** Whether what is kept has outgrown its bounds; the session cannot be resumed without loss and should end. */
    public synchronized boolean isOverfull() {
        return unacknowledged.size() > bounds.stanzas() || unacknowledgedBytes > bounds.bytes();
    }

    // ---- stream management
    // -------------------------------------------------------------------------------------------

    /** Begins counting and keeping (XEP-0198 §3); stanzas delivered before are not counted. */
    public synchronized void manage(String id, boolean mayResume, Bounds keepAtMost) {
        managementId = id;
        resumable = mayResume;
        bounds = keepAtMost;
    }

    /** Whether the client asked for resumption, so that the session outlives its connection. */
    public synchronized boolean isResumable() {
        return resumable;
    }

    public synchronized boolean isManaged() {
        return managementId != null;
    }

    public synchronized @Nullable String managementId() {
        return managementId;
    }

    /**
     * Forgets what the client has handled.
     *
     * @param h the client's count, modulo 2^32
     * @return false if it claims more than was ever sent ({@code handled-count-too-high}, XEP-0198 §4)
     */
    public synchronized boolean acknowledge(long h) {
        requested = false;
        long newly = (h - acknowledged) & 0xFFFF_FFFFL;
        if (newly > unacknowledged.size()) {
            return false;
        }
        for (long i = 0; i < newly; i++) {
            unacknowledgedBytes -= unacknowledged.remove().payload().size();
        }
        acknowledged = h;
        return true;
    }

    /** How many of the client's stanzas are finished with, modulo 2^32: the {@code h} that the server may claim. */
    public long handled() {
        return handled & 0xFFFF_FFFFL;
    }

    /** The contiguous durable prefix has grown. Called by releases, in order. */
    public void handled(long count) {
        handled = count;
    }

    /** How many of the server's stanzas the client had acknowledged, modulo 2^32. */
    public synchronized long acknowledged() {
        return acknowledged;
    }

    /** How many stanzas were sent since the count began, modulo 2^32. */
    public synchronized long sent() {
        return acknowledged + unacknowledged.size() & 0xFFFF_FFFFL;
    }

    /**
     * Moves the session to another connection: the old one, if it is still there, ends with {@code conflict}, and what the
     * client has not handled is sent again in order, before anything new.
     *
     * @param first what the new connection must see before the stanzas, that is {@code <resumed/>}
     * @return false if the client's {@code h} is impossible; nothing was moved then
     */
    public synchronized boolean resume(Wire next, long h, Element first) {
        long newly = (h - acknowledged) & 0xFFFF_FFFFL;
        if (ended || newly > unacknowledged.size()) {
            return false;
        }
        if (wire != null) {
            wire.close(StreamError.of(StreamError.Condition.CONFLICT));
        }
        acknowledge(h);
        wire = next;
        attachments++;
        next.write(first);
        unacknowledged.forEach(next::write);
        requested = false;
        sinceRequest = 0;
        if (!unacknowledged.isEmpty()) {
            request();
        }
        return true;
    }

    /** The connection is gone. @return false if the session had already moved to another one, or has ended */
    public synchronized boolean detach(Wire gone) {
        if (wire != gone) {
            return false;
        }
        wire = null;
        return !ended;
    }

    public synchronized boolean isAttached() {
        return wire != null;
    }

    /** How often the session has been moved to another connection. */
    public synchronized long attachments() {
        return attachments;
    }

    // ---- the end
    // -----------------------------------------------------------------------------------------------------

    /** Ends the connection, if there is one; the session itself is ended by its account's lane. */
    public synchronized void close(@Nullable StreamError error) {
        if (wire != null) {
            wire.close(error);
        }
    }

    /** Ends for good. @return what the client never acknowledged, oldest first */
    public synchronized List<Stanza> end() {
        ended = true;
        wire = null;
        List<Stanza> left = new ArrayList<>(unacknowledged);
        unacknowledged.clear();
        unacknowledgedBytes = 0;
        return left;
    }

    /** What is kept now, oldest first. */
    public synchronized List<Stanza> unacknowledged() {
        return new ArrayList<>(unacknowledged);
    }

    /** Returns credit to the connection that the stanza came on, if it is still there. */
    public synchronized void credit(int bytes) {
        if (wire != null) {
            wire.credit(bytes);
        }
    }
}
