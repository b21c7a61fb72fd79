// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.MessageTraits;
import im.dunlin.core.stanza.OriginId;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Row;
import im.dunlin.storage.Values;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.IdKind;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.Markers;
import im.dunlin.sync.log.StandardRewrites;
import im.dunlin.sync.log.XabberStreams;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What passes through an account is recorded here, under exactly one stanza-id by the account (XEP-0359).
 *
 * <p>A message that the account sends to itself is recorded when it arrives: an archive holds a message once, however many
 * ways it takes (XEP-0313 §6.1.1).
 */
final class Recorder {
    /** How long after a message the same message from a new session is taken for its repetition. */
    private static final Duration RETRY_WINDOW = Duration.ofHours(24);

    /** How long after a session began its messages may be repetitions: clients resend what they are unsure of at once. */
    private static final Duration RETRY_TIME = Duration.ofMinutes(10);

    /** New messages of a session after which it has resent what it was unsure of: each look costs a search on the disk. */
    private static final int RETRIES_DONE = 100;

    /** Shorter ids may be counters that begin again with each run of a program; they say nothing about repetition. */
    private static final int TELLING_ID = 16;

    /** When the session was bound, in microseconds. */
    private static final SessionKey<Long> BOUND = new SessionKey<>("archive.bound");

    /** Messages of the session that were no repetition. */
    private static final SessionKey<Integer> NEW_MESSAGES = new SessionKey<>("archive.new-messages");

    private final ConversationLog log;
    private final Markers markers;
    private final StandardRewrites rewrites;
    private final Preferences preferences;

    Recorder(ConversationLog log, Preferences preferences) {
        this.log = log;
        this.markers = new Markers(log);
        this.rewrites = new StandardRewrites(log);
        this.preferences = preferences;
    }

    void declare(Setup setup) {
        setup.message(Stage.ANNOTATE, Recorder::strip)
                .message(Stage.RECORD, this::record)
                .keptAttribute(BOUND, Values.LONG)
                .sessionBound((session, turn) -> turn.set(session, BOUND, Micros.of(turn.now())));
    }

    // ---- what is not true is taken out
    // -------------------------------------------------------------------------------

    private static Verdict strip(Passage passage, Turn turn) {
        Message message = passage.message();
        BareJid account = turn.jid();
        Payload payload = StanzaId.strip(message.payload(), account);
        if (passage.way() == Way.INBOUND) {
            Jid from = message.from();
            if (passage.traits().isWrapper() && from instanceof FullJid) {
                // Archives answer from a bare JID; a result from a resource is somebody's forgery.
                payload = payload.without(name ->
                        name.local().equals("result") && name.namespace().startsWith("urn:xmpp:mam:"));
            }
        }
        if (!payload.equals(message.payload())) {
            if (payload.isEmpty()) {
                return Verdict.drop("nothing was left of it");
            }
            passage.replace(message.withPayload(payload));
        }
        return Verdict.PASS;
    }

    // ---- recording
    // ---------------------------------------------------------------------------------------------------

    private Verdict record(Passage passage, Turn turn) {
        Message message = passage.message();
        BareJid peer = passage.peer();
        boolean outbound = passage.way() == Way.OUTBOUND;
        if (message.type() == Message.Type.ERROR) {
            if (!outbound) {
                refused(turn, peer, message);
            }
            return Verdict.PASS;
        }
        if (message.type() == Message.Type.GROUPCHAT || message.type() == Message.Type.HEADLINE) {
            return Verdict.PASS;
        }
        if (outbound && passage.traits().isStored(message.type()) && isRetry(turn, peer, message)) {
            return Verdict.drop("it was sent before");
        }
        if (outbound && peer.equals(turn.jid())) {
            return Verdict.PASS;
        }
        Long id = null;
        boolean isKept = passage.traits().isStored(message.type()) && preferences.keeps(turn, passage);
        // What must not get into the archive does not get there as what another message says now, either.
        Row<Long, LogEntry> target = isKept || passage.traits().isRetraction()
                ? rewrites.target(turn, passage.way(), peer, message, passage.traits())
                : null;
        if (isKept) {
            boolean isHidden =
                    target != null || rewrites.isTooLate(turn, passage.way(), peer, message, passage.traits());
            id = log.append(turn, passage.way(), message, passage.traits(), target, isHidden);
            String text = ArchiveId.format(id);
            passage.archived(text);
            List<Element> additions = new ArrayList<>(message.additions());
            additions.add(0, new StanzaId(text, turn.jid()).element());
            passage.replace(message.withAdditions(additions));
        } else if (!outbound && mayWait(passage)) {
            passage.held();
        }
        if (passage.traits().isMarker() || passage.traits().isReceipt()) {
            markers.apply(turn, passage.way(), peer, message, id == null ? 0 : id);
        }
        if (target != null) {
            rewrites.apply(turn, id == null ? 0 : id, message, target);
            // These are told of the change itself; the message would be a second one to them.
            turn.sessions().stream()
                    .filter(session -> XabberStreams.isOne(turn, session))
                    .forEach(passage::informed);
        }
        return Verdict.PASS;
    }

    /** Whether it is kept for a session to come although the archive must not have it (XEP-0334 §4.2, XEP-0441). */
    private static boolean mayWait(Passage passage) {
        MessageTraits traits = passage.traits();
        return traits.hasContent() && !traits.forbidsStore() && !traits.isWrapper();
    }

    /**
     * Whether a client that lost its connection sends again what the server has had, because it could not know. The same id
     * alone does not tell: programs use ids again. Everything must be the same, and the first one must be from before this
     * session and not have been refused.
     */
    private boolean isRetry(Turn turn, BareJid peer, Message message) {
        ClientSession session = turn.origin();
        Long bound = session == null ? null : turn.get(session, BOUND);
        if (session == null || bound == null || bound < Micros.of(turn.now().minus(RETRY_TIME))) {
            return false;
        }
        int newMessages = Objects.requireNonNullElse(turn.get(session, NEW_MESSAGES), 0);
        if (newMessages >= RETRIES_DONE) {
            return false;
        }
        boolean isRetry = wasRecorded(turn, peer, message, bound);
        if (!isRetry) {
            turn.set(session, NEW_MESSAGES, newMessages + 1);
        }
        return isRetry;
    }

    private boolean wasRecorded(Turn turn, BareJid peer, Message message, long bound) {
        String originId = OriginId.find(message.payload());
        String id = message.id();
        IdKind kind = originId != null ? IdKind.ORIGIN : IdKind.STANZA;
        String text = originId != null ? originId : id != null && id.length() >= TELLING_ID ? id : null;
        if (text == null) {
            return false;
        }
        long oldest = Micros.of(turn.now().minus(RETRY_WINDOW));
        Way way = peer.equals(turn.jid()) ? Way.INBOUND : Way.OUTBOUND;
        for (Row<Long, LogEntry> row : log.find(turn, way, peer, kind, text)) {
            LogEntry entry = row.value();
            if (entry.received() >= oldest
                    && entry.received() < bound
                    && isSame(entry, message)
                    && !log.isRefused(turn, row.key(), entry)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSame(LogEntry entry, Message second) {
        Message first = entry.message();
        // What it said before it was rewritten is not known any more.
        boolean sameContent = entry.changed() != 0 || first.payload().equals(second.payload());
        return first.type() == second.type()
                && Objects.equals(first.to(), second.to())
                && Objects.equals(first.id(), second.id())
                && sameContent;
    }

    /** A message of ours came back: sending it again is no repetition. */
    private void refused(Turn turn, BareJid peer, Message error) {
        String id = error.id();
        if (id == null) {
            return;
        }
        List<Row<Long, LogEntry>> sent = log.find(turn, Way.OUTBOUND, peer, IdKind.STANZA, id);
        if (!sent.isEmpty()) {
            log.refused(turn, sent.get(0).key());
        }
    }
}
