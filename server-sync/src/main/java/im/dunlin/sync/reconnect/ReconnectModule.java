// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.reconnect;

import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;

import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Binding;
import im.dunlin.core.module.BoundSection;
import im.dunlin.core.module.PresenceStage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.OwnerKey;
import im.dunlin.sync.archive.ArchiveReaders;
import im.dunlin.sync.calls.CallLedger;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.XabberStreams;
import im.dunlin.sync.reconnect.Deltas.Source;
import im.dunlin.sync.synchronization.SynchronizationView;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reconnect in one round trip (docs/protocol/reconnect.xml): what changed since the client's stamp, inside the answer to its
 * login or by iq, and the proof that nothing is missing.
 */
public final class ReconnectModule {
    private static final Logger logger = LoggerFactory.getLogger(ReconnectModule.class);

    public static final String NAMESPACE = "https://dunlin.im/protocol/reconnect/1";

    private static final Name RECONNECT = Name.of(NAMESPACE, "reconnect");
    private static final Name RANGE = Name.of(NAMESPACE, "range");

    /** What a session that has yet to say that it is there was told, and how it wants to be told the rest. */
    private static final SessionKey<DeltaRequest> TOLD = new SessionKey<>("reconnect.told");

    /** Questions of a session that are being read. */
    private static final SessionKey<Integer> READING = new SessionKey<>("reconnect.reading");

    /** What the account's lane reads itself; it is what has to be read after a short sleep. */
    private static final int READ_IN_TURN = 20;

    private static final int READ_AGAIN = 3;

    private final ServerConfig config;
    private final ArchiveReaders readers;
    private final LogReader log;
    private final Deltas deltas;
    private final Contents contents;
    private final MessageChanges messages;

    public ReconnectModule(Setup setup) {
        config = setup.config();
        readers = setup.require(ArchiveReaders.class);
        log = setup.require(ConversationLog.class).reader();
        contents = new Contents(log);
        messages = new MessageChanges(log);
        deltas = new Deltas(log, setup.require(SynchronizationView.class), setup.require(CallLedger.class), contents);
        setup.feature(NAMESPACE, OWN_ACCOUNT)
                .bindInline(NAMESPACE, Set.of(RECONNECT), BoundSection.MISSED, this::bound)
                .iqGet(RECONNECT, Set.of(OWN_ACCOUNT), this::delta)
                .iqGet(Contents.CONTENTS, Set.of(OWN_ACCOUNT), this::contents)
                .iqGet(RANGE, Set.of(OWN_ACCOUNT), this::range)
                .presence(PresenceStage.ANNOTATE, this::present);
    }

    // ---- inside the login
    // --------------------------------------------------------------------------------------------

    private void bound(Binding binding, Turn turn) {
        Element wish = Objects.requireNonNull(binding.request(), "asked with a wish only");
        ClientSession session = binding.session();
        DeltaRequest request = DeltaRequest.parse(wish);
        int maxBytes = maxBytes(turn.jid());
        XabberStreams.noted(turn, session);
        readers.querying(turn, session);
        Source now = source(turn);
        binding.read(
                turn,
                rows -> deltas.read(new Source(rows, now.account(), now.jid(), now.now()), request, maxBytes),
                (then, delta) -> {
                    told(then, session, request, delta);
                    readers.queried(then, session);
                    binding.answer(delta);
                });
    }

    private static void told(Turn turn, ClientSession session, DeltaRequest request, Element delta) {
        Long stamp = ArchiveId.parse(delta.attr("stamp"));
        turn.set(session, TOLD, request.since(stamp == null ? 0 : stamp));
    }

    /** What came between the answer and the first presence went to nobody, and is told now. */
    private Presence present(Presence presence, Way way, Turn turn) {
        ClientSession session = turn.origin();
        DeltaRequest told = way == Way.OUTBOUND
                        && session != null
                        && presence.type() == Presence.Type.AVAILABLE
                        && presence.to() == null
                ? turn.get(session, TOLD)
                : null;
        if (told != null && session != null) {
            turn.set(session, TOLD, null);
            Source source = source(turn);
            if (log.stamp(source.rows(), source.account()) > told.since()) {
                Element delta = deltas.read(source, told, maxBytes(turn.jid()));
                Header header = Header.to(session.jid()).withFrom(turn.jid());
                turn.send(session, Message.of(header, Message.Type.HEADLINE, Payload.of(delta)));
                readers.querying(turn, session);
                readers.queried(turn, session);
            }
        }
        return presence;
    }

    // ---- by iq
    // -------------------------------------------------------------------------------------------------------

    private @Nullable Iq delta(Iq iq, Turn turn) {
        ClientSession session = Objects.requireNonNull(turn.origin(), "only sessions ask their own account");
        DeltaRequest request = DeltaRequest.parse(iq.request());
        XabberStreams.noted(turn, session);
        int maxBytes = maxBytes(turn.jid());
        Source now = source(turn);
        if (request.since() > 0 && log.changedAtMost(now.rows(), now.account(), request.since(), READ_IN_TURN)) {
            return iq.result(deltas.read(now, request, maxBytes));
        }
        readOutside(turn, session, iq, source -> deltas.read(source, request, maxBytes));
        return null;
    }

    private @Nullable Iq contents(Iq iq, Turn turn) {
        ClientSession session = Objects.requireNonNull(turn.origin(), "only sessions ask their own account");
        Element request = iq.request();
        ConversationKey key = key(request);
        long below = DeltaRequest.number(request, "before", Long.MAX_VALUE, 1, Long.MAX_VALUE);
        readOutside(turn, session, iq, source -> contents.ranges(source, key, head(source, key), below));
        return null;
    }

    private @Nullable Iq range(Iq iq, Turn turn) {
        ClientSession session = Objects.requireNonNull(turn.origin(), "only sessions ask their own account");
        Element request = iq.request();
        ConversationKey key = key(request);
        long from = DeltaRequest.number(request, "from", 1, 1, Long.MAX_VALUE);
        long to = DeltaRequest.number(request, "to", Long.MAX_VALUE, from, Long.MAX_VALUE);
        int most = maxBytes(turn.jid());
        int bytes = (int) DeltaRequest.number(request, "bytes", most, 0, most);
        int each = (int) DeltaRequest.number(request, "each", DeltaRequest.MOST_EACH, 1, DeltaRequest.MOST_EACH);
        readOutside(turn, session, iq, source -> messages.range(source, key, head(source, key), from, to, each, bytes));
        return null;
    }

    private ConversationHead head(Source source, ConversationKey key) {
        ConversationHead head = log.head(source.rows(), source.account(), key);
        if (head == null) {
            throw StanzaError.itemNotFound().toException();
        }
        return head;
    }

    private static ConversationKey key(Element request) {
        String jid = request.attr("jid");
        String type = request.attr("type");
        if (jid == null || type == null) {
            throw StanzaError.badRequest("a conversation has a jid and a type").toException();
        }
        ConversationType known = ConversationType.parse(type);
        try {
            if (known != null && Jid.parse(jid) instanceof BareJid peer) {
                return new ConversationKey(peer, known);
            }
        } catch (JidException e) {
            throw StanzaError.jidMalformed().toException();
        }
        throw StanzaError.itemNotFound().toException();
    }

    // ---- reading
    // -----------------------------------------------------------------------------------------------------

    /** An answer, or why there is none; exceptions would leave the count of open questions wrong. */
    private record Outcome(
            @Nullable Element answer, @Nullable StanzaError error, long stamp) {}

    private void readOutside(Turn turn, ClientSession session, Iq iq, Function<Source, Element> question) {
        AccountLimits limits = config.host(turn.jid().domain()).limits();
        int reading = Objects.requireNonNullElse(turn.get(session, READING), 0);
        if (reading >= limits.archiveQueries()) {
            throw StanzaError.resourceConstraint("too many questions at a time").toException();
        }
        turn.set(session, READING, reading + 1);
        readOutside(turn, session, iq, question, READ_AGAIN);
    }

    /** What changes while it is read may be pushed before the answer, which would then take it back: it is read again. */
    private void readOutside(Turn turn, ClientSession session, Iq iq, Function<Source, Element> question, int again) {
        Source asked = source(turn);
        turn.read(
                rows -> outcome(new Source(rows, asked.account(), asked.jid(), asked.now()), question),
                (then, outcome) -> {
                    boolean isOld = outcome.stamp() != log.stamp(then.reader(), asked.account());
                    if (isOld && again > 0) {
                        readOutside(then, session, iq, question, again - 1);
                        return;
                    }
                    int reading = Objects.requireNonNullElse(then.get(session, READING), 1);
                    then.set(session, READING, reading - 1);
                    Outcome last = isOld ? outcome(source(then), question) : outcome;
                    Element answer = last.answer();
                    then.answer(
                            answer != null
                                    ? iq.result(answer)
                                    : iq.error(Objects.requireNonNull(last.error(), "neither answer nor error")));
                });
    }

    private Outcome outcome(Source source, Function<Source, Element> question) {
        long stamp = log.stamp(source.rows(), source.account());
        try {
            return new Outcome(question.apply(source), null, stamp);
        } catch (StanzaException e) {
            return new Outcome(null, e.error(), stamp);
        } catch (RuntimeException e) {
            logger.error("What {} asks for cannot be read", source.jid(), e);
            return new Outcome(null, StanzaError.internalServerError(), stamp);
        }
    }

    private static Source source(Turn turn) {
        OwnerKey account = turn.owner().key();
        return new Source(turn.reader(), account, turn.jid(), turn.now());
    }

    /** Half the queue, so that one answer alone never ends the session of a slow client. */
    private int maxBytes(BareJid account) {
        AccountLimits limits = config.host(account.domain()).limits();
        return Math.min(limits.archivePageBytes(), config.limits().outbound().queueBytes() / 2);
    }
}
