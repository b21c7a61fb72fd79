// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaCodec;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaError.Condition;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.IdKind;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.XabberStreams;
import im.dunlin.sync.rewrite.RewriteRequest.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Requests to edit and retract: those of the account's clients, and those that the peer's side sends on.
 *
 * <p>A symmetric change is the peer's first. Its side is asked by a durable question; only when it has agreed does the own
 * archive change, and the client is answered. Between two accounts of this server both steps survive a crash, so both archives
 * change or neither; a peer elsewhere would be asked in the same way.
 */
final class Requests {
    /** The kind of the question; it is on disk. */
    static final String SYMMETRIC = "rewrite-symmetric";

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final ServerConfig config;
    private final ConversationLog log;
    private final Rewriter rewriter;
    private final Asked asked;

    Requests(Setup setup, ConversationLog log, Rewriter rewriter, Asked asked) {
        this.config = setup.config();
        this.log = log;
        this.rewriter = rewriter;
        this.asked = asked;
    }

    // ---- of the account's own clients
    // --------------------------------------------------------------------------------

    @Nullable
    Iq own(Iq iq, Turn turn) {
        XabberStreams.noted(turn);
        RewriteRequest request = RewriteRequest.parse(iq.request());
        return switch (request.kind()) {
            case RETRACT_ALL -> retractAll(iq, request, turn);
            case RETRACT_USER -> throw StanzaError.notAllowed().toException();
            case RETRACT_MESSAGE -> retract(iq, request, turn);
            case REPLACE -> replace(iq, request, turn);
        };
    }

    private Iq retractAll(Iq iq, RewriteRequest request, Turn turn) {
        if (request.symmetric()) {
            throw StanzaError.notAllowed().toException();
        }
        if (request.type() != null) {
            log.retractAll(turn, new ConversationKey(Objects.requireNonNull(request.conversation()), request.type()));
        }
        return iq.result();
    }

    private @Nullable Iq retract(Iq iq, RewriteRequest request, Turn turn) {
        Row<Long, LogEntry> row = required(turn, request);
        LogEntry entry = row.value();
        if (request.symmetric() && !isNote(turn, entry)) {
            if (!entry.outbound()) {
                throw StanzaError.itemNotFound().toException();
            }
            ask(turn, iq, row);
            return null;
        }
        if (entry.isOwn(turn.jid())) {
            rewriter.retract(turn, row);
        } else {
            rewriter.forget(turn, row);
        }
        return iq.result();
    }

    private @Nullable Iq replace(Iq iq, RewriteRequest request, Turn turn) {
        Row<Long, LogEntry> row = required(turn, request);
        LogEntry entry = row.value();
        if (!entry.isOwn(turn.jid())) {
            throw StanzaError.notAllowed().toException();
        }
        if (isNote(turn, entry)) {
            rewriter.replace(turn, row, request.content());
            return iq.result();
        }
        ask(turn, iq, row);
        return null;
    }

    private static boolean isNote(Turn turn, LogEntry entry) {
        return entry.peer(turn.jid()).equals(turn.jid());
    }

    private Row<Long, LogEntry> required(Turn turn, RewriteRequest request) {
        Row<Long, LogEntry> row = find(turn, request);
        if (row == null) {
            throw StanzaError.itemNotFound().toException();
        }
        return row;
    }

    /** The message that a client of the account means; null if there is none that could be changed. */
    private @Nullable Row<Long, LogEntry> find(Turn turn, RewriteRequest request) {
        Long id = request.archiveId();
        LogEntry entry = id == null ? null : log.entry(turn, id);
        boolean isMeant = entry != null
                && isMessage(entry)
                && entry.type() == request.type()
                && (request.conversation() == null || entry.peer(turn.jid()).equals(request.conversation()));
        return id == null || entry == null || !isMeant
                ? null
                : new Row<>(turn.owner().key(), id, entry);
    }

    /** What edits another message is not a message to these clients. */
    private static boolean isMessage(LogEntry entry) {
        return entry.isKept() && entry.rewrites() == 0;
    }

    // ---- in agreement with the peer
    // ----------------------------------------------------------------------------------

    /**
     * What is known when the answer comes.
     *
     * @param entry that the question is of
     * @param number of the question, see {@link Asked}
     */
    private record Open(long entry, long number, Iq iq) {
        byte[] encode() {
            byte[] stanza = StanzaCodec.encode(iq);
            return ByteBuffer.allocate(17 + stanza.length)
                    .put((byte) 1)
                    .putLong(entry)
                    .putLong(number)
                    .put(stanza)
                    .array();
        }

        static Open decode(byte[] data) {
            ByteBuffer in = ByteBuffer.wrap(data, 1, 16);
            return new Open(
                    in.getLong(), in.getLong(), (Iq) StanzaCodec.decode(Arrays.copyOfRange(data, 17, data.length)));
        }
    }

    private void ask(Turn turn, Iq iq, Row<Long, LogEntry> row) {
        LogEntry entry = row.value();
        BareJid peer = entry.peer(turn.jid());
        String messageId = isLocal(peer) ? entry.originId() != null ? entry.originId() : entry.stanzaId() : null;
        Iq question = Iq.set(peer, turn.randomId(), RewriteRequest.forPeer(iq.request(), messageId))
                .withFrom(turn.jid());
        Open open = new Open(row.key(), asked.begin(turn, row.key()), iq);
        turn.askDurably(SYMMETRIC, open.encode(), question, PATIENCE);
    }

    private boolean isLocal(BareJid peer) {
        return config.hosts().containsKey(peer.domain());
    }

    /** The peer's side has answered the question, or has not in time. */
    void answered(byte[] data, @Nullable Iq answer, Turn turn) {
        Open open = Open.decode(data);
        Iq iq = open.iq();
        boolean isOvertaken = asked.end(turn, open.entry(), open.number());
        RewriteRequest request = RewriteRequest.parse(iq.request());
        Row<Long, LogEntry> row = find(turn, request);
        if (answer == null) {
            if (row != null && isLocal(row.value().peer(turn.jid()))) {
                // It is not known what became of the question. Asking twice does no harm; disagreeing would.
                ask(turn, iq, row);
                return;
            }
            reply(turn, iq, iq.error(StanzaError.remoteServerTimeout()));
        } else if (answer.isError()) {
            StanzaError error = StanzaError.of(answer);
            Message told = changeByMessage(turn, request, row, error);
            reply(turn, iq, told != null ? iq.result() : iq.error(error));
        } else {
            // It may have been retracted meanwhile, and then stays so; or corrected, by what the peer has heard since.
            if (row != null && !(isOvertaken && request.kind() == Kind.REPLACE)) {
                change(turn, request, row);
            }
            reply(turn, iq, iq.result());
        }
    }

    /**
     * Makes the change as a standard client would have made it, because the peer's server has no such requests; whether theirs
     * follow, nobody will say.
     *
     * @return the message that the peer was sent; null if the error means something else, or the message has no id to name
     */
    private @Nullable Message changeByMessage(
            Turn turn, RewriteRequest request, @Nullable Row<Long, LogEntry> row, StanzaError error) {
        if (row == null
                || row.value().stanzaId() == null
                || !isUnheardOf(error, row.value().peer(turn.jid()))) {
            return null;
        }
        Message told = change(turn, request, row);
        if (told != null) {
            turn.routeRecorded(told.withTo(row.value().peer(turn.jid())));
        }
        return told;
    }

    /** Whether the peer's server has no such requests, rather than something against this one. */
    private boolean isUnheardOf(StanzaError error, BareJid peer) {
        return !isLocal(peer)
                && (error.condition() == Condition.SERVICE_UNAVAILABLE
                        || error.condition() == Condition.FEATURE_NOT_IMPLEMENTED);
    }

    private @Nullable Message change(Turn turn, RewriteRequest request, Row<Long, LogEntry> row) {
        return request.kind() == Kind.REPLACE
                ? rewriter.replace(turn, row, request.content())
                : rewriter.retract(turn, row);
    }

    private static void reply(Turn turn, Iq iq, Iq answer) {
        ClientSession session = iq.from() instanceof FullJid asker ? turn.session(asker.resource()) : null;
        if (session != null) {
            turn.send(session, answer);
        }
    }

    // ---- of the peer
    // -------------------------------------------------------------------------------------------------

    /** Only a server speaks from a bare JID: the peer's own client has no say here. */
    Iq ofPeer(Iq iq, Turn turn) {
        if (!(iq.from() instanceof BareJid peer)) {
            throw StanzaError.notAllowed().toException();
        }
        RewriteRequest request = RewriteRequest.parse(iq.request());
        if (request.kind() == Kind.RETRACT_ALL || request.kind() == Kind.RETRACT_USER) {
            return iq.error(StanzaError.notAllowed());
        }
        Row<Long, LogEntry> row = find(turn, peer, request);
        if (row != null) {
            change(turn, request, row);
            return iq.result();
        }
        // What is not here need not be retracted.
        return request.kind() == Kind.REPLACE ? iq.error(StanzaError.itemNotFound()) : iq.result();
    }

    /** The message that the peer means: one that it wrote, by the id that its archive gave it. */
    private @Nullable Row<Long, LogEntry> find(Turn turn, BareJid peer, RewriteRequest request) {
        String messageId = request.messageId();
        for (IdKind kind : List.of(IdKind.ORIGIN, IdKind.STANZA, IdKind.FOREIGN)) {
            String text = kind == IdKind.FOREIGN ? request.id() : messageId;
            if (text == null) {
                continue;
            }
            for (Row<Long, LogEntry> row : log.find(turn, Way.INBOUND, peer, kind, text)) {
                LogEntry entry = row.value();
                if (isMessage(entry)
                        && entry.type() == request.type()
                        && request.id().equals(entry.foreignId())) {
                    return row;
                }
            }
        }
        return null;
    }
}
