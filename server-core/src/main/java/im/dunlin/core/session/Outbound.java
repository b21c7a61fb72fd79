// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.session;

import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.MessageTraits;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
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
    public static final Element REQUEST = Element.of(Name.of(Ns.STREAM_MANAGEMENT, "r"));

    private static final long COUNT_MASK = 0xFFFF_FFFFL;

    /** What keeping a stanza costs besides its payload, in bytes. */
    private static final int KEEPING_COSTS = 200;

    private final LongSupplier nanoTime;
    private @Nullable Wire wire;
    private boolean ended;

    private @Nullable Management management;
    private boolean resumable;
    private boolean overfull;
    private ArrayDeque<Stanza> unacknowledged = new ArrayDeque<>(0);
    private int unacknowledgedCount;
    private int unacknowledgedBytes;
    /** What came between overfull and the end. */
    private final List<Stanza> unsent = new ArrayList<>(0);

    private List<Stanza> news = List.of();
    private long acknowledged;
    private int sinceRequest;
    private long requestedAt;
    private boolean requested;
    private boolean requestAgain;

    private volatile long handled;

    public Outbound(Wire wire) {
        this(wire, System::nanoTime);
    }

    Outbound(@Nullable Wire wire, LongSupplier nanoTime) {
        this.wire = wire;
        this.nanoTime = nanoTime;
    }

    /** A session that waits to be resumed from the start: kept over a restart of the server. */
    public static Outbound restored(Management management, long handled, long acknowledged, List<Stanza> kept) {
        Outbound outbound = new Outbound(null, System::nanoTime);
        outbound.management = management;
        outbound.resumable = true;
        outbound.handled = handled;
        outbound.acknowledged = acknowledged;
        kept.forEach(outbound::keep);
        return outbound;
    }

    /** Sends a stanza, or keeps it for the resumption. */
    public synchronized void deliver(Stanza stanza) {
        if (ended) {
            return;
        }
        if (management == null) {
            if (wire != null) {
                wire.write(stanza);
            }
            return;
        }
        if (overfull) {
            // Until the lane comes to the turn that ends the session: as much as the turns before that one send.
            unsent.add(stanza);
            return;
        }
        keep(stanza);
        if (wire != null) {
            wire.write(stanza);
            sinceRequest++;
            considerRequest(stanza, management);
        }
        if (unacknowledgedCount > management.limits().unackedStanzas()
                || unacknowledgedBytes > management.limits().unackedBytes()) {
            // Nothing more is sent: the session ends, and what it leaves goes where it goes with each that ends.
            overfull = true;
            management.whenOverfull().run();
        }
    }

    private void keep(Stanza stanza) {
        unacknowledged.add(stanza);
        count(stanza, 1);
    }

    /** Presence comes from everybody at once and is small, so it is bounded by its bytes alone. */
    private void count(Stanza stanza, int sign) {
        unacknowledgedCount += stanza instanceof Presence ? 0 : sign;
        unacknowledgedBytes += sign * (KEEPING_COSTS + stanza.payload().size());
    }

    /**
     * Asks for an acknowledgement only together with a stanza that wakes the client anyway: with whatever a person waits for,
     * since its loss must be noticed soon, and with others when enough of them were sent or enough time has passed.
     */
    private void considerRequest(Stanza stanza, Management now) {
        boolean urgent = stanza instanceof Message message && isUrgent(message.traits());
        if (requested) {
            requestAgain |= urgent;
        } else if (urgent
                || sinceRequest >= now.limits().askEveryStanzas()
                || nanoTime.getAsLong() - requestedAt >= now.limits().askEvery().toNanos()) {
            request();
        }
    }

    private static boolean isUrgent(MessageTraits traits) {
        return traits.hasContent() || traits.isCall();
    }

    private void request() {
        if (wire != null) {
            wire.write(REQUEST);
            requested = true;
            requestAgain = false;
            requestedAt = nanoTime.getAsLong();
            sinceRequest = 0;
        }
    }

    // ---- stream management
    // -------------------------------------------------------------------------------------------

    /**
     * Begins keeping what is sent (XEP-0198 §3). Stanzas delivered before are not counted: the count begins exactly behind
     * this element.
     *
     * @param first tells the client, usually {@code <enabled/>}; null if somebody else does, before anything is sent
     */
    public synchronized void manage(Management how, @Nullable Element first) {
        management = how;
        resumable = how.resumable();
        requestedAt = nanoTime.getAsLong();
        if (wire != null && first != null) {
            wire.write(first);
        }
    }

    /** The session ends with its connection from now on, whatever its client was promised. */
    public synchronized void forbidResumption() {
        resumable = false;
    }

    /** Whether the session outlives its connection. */
    public synchronized boolean isResumable() {
        return resumable && !overfull && !ended;
    }

    public synchronized boolean isManaged() {
        return management != null;
    }

    public synchronized @Nullable Management management() {
        return management;
    }

    /**
     * Forgets what the client has handled.
     *
     * @param from on which connection it said so; what comes late from a former one means nothing
     * @param h the client's count, modulo 2^32
     * @return false if it claims more than was ever sent ({@code handled-count-too-high}, XEP-0198 §4)
     */
    public synchronized boolean acknowledge(Wire from, long h) {
        if (wire != from) {
            return true;
        }
        if (!canHaveHandled(h)) {
            return false;
        }
        forget(h);
        requested = false;
        if (requestAgain && !unacknowledged.isEmpty()) {
            request();
        }
        return true;
    }

    /** Whether a client may claim this count: no less than it said before and no more than it was sent. */
    public synchronized boolean canHaveHandled(long h) {
        return (h - acknowledged & COUNT_MASK) <= unacknowledged.size();
    }

    private void forget(long h) {
        while (acknowledged != h) {
            count(unacknowledged.remove(), -1);
            acknowledged = acknowledged + 1 & COUNT_MASK;
        }
        if (unacknowledged.isEmpty()) {
            // A burst's array would stay with an idle session for good.
            unacknowledged = new ArrayDeque<>(0);
            news = List.of();
        }
    }

    /** Whether the client was asked for an acknowledgement and has owed it for too long. */
    public synchronized boolean isOverdue(long now) {
        return requested
                && management != null
                && now - requestedAt > management.limits().ackTimeout().toNanos();
    }

    /** How many of the client's stanzas are finished with, modulo 2^32: the {@code h} that the server may claim. */
    public long handled() {
        return handled & COUNT_MASK;
    }

    /** The contiguous durable prefix has grown. Called by releases, in order. */
    public void handled(long count) {
        handled = count;
    }

    /** How many of the server's stanzas the client has acknowledged, modulo 2^32. */
    public synchronized long acknowledged() {
        return acknowledged;
    }

    /** How many stanzas were sent since the count began, modulo 2^32. */
    public synchronized long sent() {
        return acknowledged + unacknowledged.size() & COUNT_MASK;
    }

    /**
     * Moves the session to another connection: the old one, if it is still there, ends with {@code conflict}, and what the
     * client has not handled is sent again in order, before anything new.
     *
     * @param h the client's count
     * @param first what the new connection must see before the stanzas, usually {@code <resumed/>}; null if somebody else writes
     *     it to a connection that is held
     * @param latest sent before what was missed, and counted; what the last resumption said so and was not acknowledged
     *     is out of date and forgotten
     * @return false if the session has ended or the count is impossible; nothing was moved then
     */
    public synchronized boolean resume(Wire next, long h, @Nullable Element first, List<Stanza> latest) {
        if (!isResumable() || !canHaveHandled(h)) {
            return false;
        }
        if (wire != null) {
            wire.close(StreamError.of(StreamError.Condition.CONFLICT));
        }
        forget(h);
        replaceNews(latest);
        wire = next;
        if (first != null) {
            next.write(first);
        }
        unacknowledged.forEach(next::repeat);
        requested = false;
        requestAgain = false;
        sinceRequest = 0;
        requestedAt = nanoTime.getAsLong();
        if (!unacknowledged.isEmpty()) {
            request();
        }
        return true;
    }

    /** What the client has not handled has no number yet that it knows of, so its order is still ours. */
    private void replaceNews(List<Stanza> latest) {
        List<Stanza> missed = new ArrayList<>(unacknowledged);
        missed.removeIf(stanza -> news.stream().anyMatch(old -> old == stanza));
        unacknowledged = new ArrayDeque<>(latest.size() + missed.size());
        unacknowledgedCount = 0;
        unacknowledgedBytes = 0;
        latest.forEach(this::keep);
        missed.forEach(this::keep);
        news = latest;
    }

    /** The connection is gone. */
    public synchronized void detach(Wire gone) {
        if (wire == gone) {
            wire = null;
        }
    }

    public synchronized boolean isAttached() {
        return wire != null;
    }

    // ---- the end
    // -----------------------------------------------------------------------------------------------------

    /** Ends the connection, if there is one; the session itself is ended by its account's lane. */
    public synchronized void close(@Nullable StreamError error) {
        if (wire != null) {
            wire.close(error);
        }
    }

    /** Ends for good. @return what the client never acknowledged and what it was not sent any more, oldest first */
    public synchronized List<Stanza> end() {
        ended = true;
        wire = null;
        List<Stanza> left = new ArrayList<>(unacknowledged);
        left.addAll(unsent);
        unacknowledged = new ArrayDeque<>(0);
        unsent.clear();
        return left;
    }

    /** What is kept now, oldest first. */
    public synchronized List<Stanza> unacknowledged() {
        return new ArrayList<>(unacknowledged);
    }
}
