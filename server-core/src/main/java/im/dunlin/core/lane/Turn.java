// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.storage.Direction;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Range;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One piece of work on its owner's lane: read, decide, write once, then send.
 *
 * <p>The writes of a turn reach the store together or not at all. Nothing that the turn sends leaves the server before its
 * writes are durable, and turns of one owner are sent in their order. Everything but the reads is <em>collected</em> and
 * happens after the body returned; a body that throws has done nothing.
 *
 * <p>Confined to the lane, and to the time of its body: no turn may be kept.
 */
public interface Turn {
    /** The bare JID whose lane this is, whether or not such an owner exists. */
    BareJid jid();

    /** Whether there is an owner of that name (an account that was removed has none). */
    boolean exists();

    /** The owner. @throws IllegalStateException if there is none; handlers of modules are only called when there is */
    Owner owner();

    /** The time of this turn; the same value however often it is asked. */
    Instant now();

    /**
     * The next number of the owner's clock, in microseconds since 1970: {@code max(now, last + 1)}. Strictly increasing over
     * restarts and clock steps; a bound that it stays below is kept with this turn's batch at the latest (DESIGN D5).
     */
    long stamp();

    /** 128 random bits as 32 hex digits, from a cryptographic source: fit to grant something. */
    String randomId();

    /**
     * Whether it records what a stop interrupted. Its sender was told that the message is on its way and is no longer there to
     * be told otherwise, so no limit on what an account may keep applies.
     */
    boolean isRecovery();

    // ---- state
    // -------------------------------------------------------------------------------------------------------

    <K, V> @Nullable V get(Table<K, V> table, K key);

    /** At most {@code limit} rows of the owner in key order; sees this turn's own writes. */
    <K, V> List<Row<K, V>> scan(Table<K, V> table, Range<K> range, Direction direction, int limit);

    /** The store as this turn sees it, its own writes included: for code that reads on snapshots as well. */
    Reader reader();

    <K, V> void put(Table<K, V> table, K key, V value);

    <K, V> void delete(Table<K, V> table, K key);

    /** Deletes all rows of the owner in the table. */
    <K, V> void deleteAll(Table<K, V> table);

    /** Deletes the rows of the owner whose key begins with these parts. For what is rare ({@code Changes.deletePrefix}). */
    <K, V> void deletePrefix(Table<K, V> table, Consumer<KeyWriter> prefix);

    /** The value kept beside the lane for this owner, loaded on first use. Bounded: it may be dropped and loaded again. */
    <T> T cached(CacheKey<T> key, Supplier<T> load);

    void forget(CacheKey<?> key);

    /** What this owner holds in memory under the key, as this turn has left it; null if it holds nothing. */
    <T> @Nullable T held(HeldKey<T> key);

    /** Holds this value from now on, if the turn succeeds; null takes it away. An owner that holds something stays in memory. */
    <T> void hold(HeldKey<T> key, @Nullable T value);

    /**
     * Makes this turn's name an owner with fresh rows; for an account, modules do what they do for a new one.
     *
     * @throws IllegalStateException if it is one already
     */
    Owner createOwner(OwnerKind kind);

    /**
     * Removes the owner from the directory and keeps the name reserved until then. Of an account, sessions end, modules do
     * what they do when one goes, and all rows of modules' tables are deleted; of another owner the caller deletes them.
     */
    void removeOwner(Instant reservedUntil);

    /** Whether the name was removed lately and may not be given away again yet. */
    boolean isReserved();

    /**
     * Makes this turn's name an account that is not there for anybody yet, and this turn one of it: to be filled, in as many
     * turns as that takes, and then admitted. What an earlier attempt has left goes (docs/adr/0017).
     *
     * @throws IllegalStateException if it is an owner already
     */
    Owner beginIncoming();

    /** Makes this turn one of the account that is on its way in. @return null if there is none under this name */
    @Nullable
    Owner enterIncoming();

    /** The account that this turn has entered is there for everybody from now on. */
    void admitIncoming();

    /** The account that this turn has entered goes, with all that it has. */
    void dropIncoming();

    // ---- sessions
    // ----------------------------------------------------------------------------------------------------

    /** Bound sessions of this account, in the order of binding; detached ones (XEP-0198) are among them. */
    List<ClientSession> sessions();

    default @Nullable ClientSession session(@Nullable String resource) {
        for (ClientSession session : sessions()) {
            if (session.jid().resource().equals(resource)) {
                return session;
            }
        }
        return null;
    }

    <T> @Nullable T get(ClientSession session, SessionKey<T> key);

    <T> void set(ClientSession session, SessionKey<T> key, @Nullable T value);

    /** Adds a session to this account's. */
    void bind(ClientSession session);

    /**
     * Takes a session away from this account's. When everything that was sent to it before has left, a turn of its own runs
     * the steps for ended sessions, with what the client never acknowledged.
     */
    void unbind(ClientSession session);

    // ---- effects
    // -----------------------------------------------------------------------------------------------------

    /** The session whose stanza this turn handles; null when it is another owner's stanza or the server's own work. */
    @Nullable
    ClientSession origin();

    /** Sends to a session of this account, through the send gates (client state indication). */
    void send(ClientSession to, Stanza stanza);

    /** Ends a session's stream with an error, after what was sent to it. */
    void close(ClientSession session, StreamError error);

    /**
     * Hands a stanza to whoever its {@code to} names; not screened again on this side. It needs no row: presence without
     * state, iq and messages that nobody records are lost with the process.
     */
    void route(Stanza stanza);

    /**
     * Hands a stanza to each of these as {@link #route} does, but passes over accounts without sessions: for presence, which
     * means nothing to those. One task for each lane, and no read of the store for whom it passes over.
     *
     * @param to bare JIDs, none of them twice; each gets the stanza with its own address
     */
    void routeToSessions(Stanza stanza, Collection<BareJid> to);

    /**
     * Hands a stanza to each of these addresses as {@link #route} does: what goes to a room's occupants. One task for each
     * lane.
     *
     * @param to each gets the stanza with its own address
     */
    void routeToEach(Stanza stanza, Collection<? extends Jid> to);

    /**
     * As {@link #route}, and survives a crash: this turn's batch holds an outbox row until the receiver has recorded the
     * stanza, which it does exactly once.
     */
    void routeRecorded(Stanza stanza);

    /** Answers the stanza of this turn, to the session that sent it or to its {@code from}. */
    void answer(Stanza answer);

    /** Runs after this turn's writes are durable, on an unspecified thread; must only post work and return at once. */
    void afterwards(Runnable effect);

    /**
     * Collects for work that is the last part of this turn's body, behind all that its handler does: who reports changes sees
     * the last of them then, and what it sends follows what they are of.
     *
     * @param collect makes what is collected in, at the first call of this turn with this key
     * @param work gets it at the end
     */
    <T> T atEnd(CacheKey<T> key, Supplier<T> collect, Consumer<T> work);

    // ---- continuations
    // -----------------------------------------------------------------------------------------------

    /** Sends an iq get or set of this owner; the answer or the timeout resumes the owner. Lost with the process. */
    void ask(Iq request, Duration timeout, Answered then);

    /**
     * Asks another local owner: {@code question} runs in a turn of its own there, {@code then} in a later turn of this
     * owner. An exception in the question gives {@code then} a null. Lost with the process.
     */
    <R> void askOwner(BareJid other, Function<Turn, @Nullable R> question, BiConsumer<Turn, @Nullable R> then);

    /**
     * As {@link #ask}, and survives a crash: a row in this batch keeps kind and data until the answer or the deadline.
     * To another local owner, named by its bare JID, question and answer both travel with outbox rows, so that each arrives
     * once. After a crash a question to anybody else is not sent again; the deadline resumes the owner (docs/adr/0005).
     *
     * @param kind declared with {@code Setup.continuation}
     */
    void askDurably(String kind, byte[] data, Iq request, Duration timeout);

    /** Runs a long read on a frozen view, off the lane, and resumes this owner with the result. */
    <R> void read(Function<Reader, R> query, BiConsumer<Turn, R> then);

    /**
     * A durable timer of this owner: resumes it at or after {@code due}, also after a restart.
     *
     * @param kind declared with {@code Setup.timer}
     */
    void schedule(String kind, Instant due, byte[] data);

    /**
     * Resumes this owner after that time, within a quarter of a second. Lost with the process; who asks bounds how many wait.
     */
    void later(Duration wait, TurnBody then);

    /** What resumes an owner that asked: the answer (result or error), or null after the timeout. */
    @FunctionalInterface
    interface Answered {
        void resume(Turn turn, @Nullable Iq answer);
    }
}
