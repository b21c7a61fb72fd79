// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.http.HttpRoute;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.lane.TurnBody;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stream.StreamFeature;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Epoch;
import im.dunlin.storage.Row;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueCodec;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a module's constructor declares itself with. Each method returns the setup, so that declarations read as a list.
 *
 * <p>Called while the server is being built, by one thread. Declaring the same iq twice is an error of ours and throws.
 */
public interface Setup {
    /** The document that this module implements, for {@code docs/xeps.md}. */
    Setup implementing(int xep, String version);

    /** An RFC that this module implements, for {@code docs/xeps.md}. */
    Setup implementing(String rfc);

    /** A feature in the disco of these. */
    Setup feature(String namespace, Addressee... of);

    /** An identity in the disco of these. */
    Setup identity(Identity identity, Addressee... of);

    /** An extension form in the disco of these (XEP-0128), made for the owner's domain when asked. */
    Setup discoForm(Function<String, @Nullable Element> form, Addressee... of);

    /** Nodes in the disco of these (XEP-0030 §3.2); a service may have others of its own. */
    Setup discoNodes(DiscoNodes nodes, Addressee... of);

    /** A command of the server or of the asker's own account (XEP-0050). */
    Setup command(Command command, Addressee... of);

    /** A command of the service on this subdomain. */
    Setup command(Command command, String subdomain);

    /** Opens a table; names are written to disk and never reused. */
    <K, V> Table<K, V> table(TableSpec<K, V> spec);

    /**
     * Hands over every row that the store has of a table, of all owners, before this returns: for what must be known of all of
     * them while none is there (docs/adr/0015).
     */
    <K, V> Setup everyRow(Table<K, V> table, Consumer<Row<K, V>> each);

    /** Times of which the store has lost its memory: whoever knows a stamp inside one must be told everything again. */
    List<Epoch> epochs();

    /** What a module further up the list provides. */
    <S> S require(Class<S> service);

    <S> Setup provide(Class<S> service, S implementation);

    Setup iqGet(Name payload, Set<Addressee> to, IqHandler handler);

    Setup iqSet(Name payload, Set<Addressee> to, IqHandler handler);

    Setup screen(Screen screen);

    Setup message(Stage stage, MessageStep step);

    Setup presence(PresenceStage stage, PresenceStep step);

    Setup sendGate(SendGate gate);

    Setup nonza(Name name, NonzaHandler handler);

    Setup streamFeature(StreamFeature feature);

    /**
     * Takes part in Bind 2 (XEP-0386): a client that puts one of these elements into {@code <bind/>} is answered in {@code
     * <bound/>}.
     *
     * @param feature under which it is advertised
     * @param requests the first of these in {@code <bind/>} is the wish
     * @param section where its answers stand
     */
    Setup bindInline(String feature, Set<Name> requests, BoundSection section, BindStep step);

    /** Adds something to authentications (XEP-0388 §2.1). */
    Setup loginInline(LoginPart part);

    /** Takes part in every Bind 2 without being asked, and is not advertised. */
    Setup bindInline(BoundSection section, BindStep step);

    Setup service(Service service);

    /** Answers requests over HTTP at a path of every host that has this module. */
    Setup http(HttpRoute route);

    // ---- lifecycle
    // ---------------------------------------------------------------------------------------------------

    Setup sessionBound(SessionStep step);

    /** The connection is gone and the session waits to be resumed. */
    Setup sessionDetached(SessionStep step);

    Setup sessionResumed(SessionStep step);

    /** What a resumed client is sent before what it missed. */
    Setup resumptionNews(ResumptionNews news);

    Setup sessionEnded(SessionEnd step);

    /**
     * An attribute of sessions that survives a restart of the server, with the session. The key's name is written to disk and
     * never reused.
     */
    <T> Setup keptAttribute(SessionKey<T> key, ValueCodec<T> codec);

    Setup accountCreated(TurnBody step);

    /** Takes part when an account is moved between servers (XEP-0227). */
    Setup accountPart(AccountPart part);

    /** An account goes: the module tells whoever must know. All rows of its tables are deleted after this. */
    Setup accountRemoved(TurnBody step);

    // ---- continuations
    // -----------------------------------------------------------------------------------------------

    /** Handles timers of this kind ({@link Turn#schedule}); kinds are written to disk and never reused. */
    Setup timer(String kind, Resumed handler);

    /** Handles answers to durable questions of this kind ({@link Turn#askDurably}). */
    Setup continuation(String kind, DurablyAnswered handler);

    @FunctionalInterface
    interface Resumed {
        void resume(byte[] data, Turn turn);
    }

    @FunctionalInterface
    interface DurablyAnswered {
        /** @param answer null when none came in time */
        void resume(byte[] data, @Nullable Iq answer, Turn turn);
    }

    // ---- the server
    // --------------------------------------------------------------------------------------------------

    /** Random octets that are this module's alone and the same after a restart, from which it may derive what must not be guessed. */
    byte[] secret(String name);

    /** The configuration of this server. */
    im.dunlin.core.config.ServerConfig config();

    /** What all modules have declared; complete once every module is built, so only to be asked later, by handlers. */
    Declared declared();

    /** The sessions of all accounts; there once every module is built, so only to be asked for by handlers. */
    LiveSessions sessions();

    /** Runs work of the server's own, such as what an operator asked for. Any thread. */
    void submit(BareJid owner, TurnBody body);
}
