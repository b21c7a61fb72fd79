// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.delivery;

import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;
import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.SendGate;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.OriginId;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.IdKind;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.XabberStreams;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Delivery, as Xabber's clients speak it: the server says under which id it has archived what a client sent, and a client that
 * was not told sends it again, without a second message coming of it.
 *
 * <p>Receipts, and the elements with id and time in archived messages, go to the sessions that speak Client Synchronization. To
 * all others they would be a stanza more for each message, and an id of a draft that some take for something else.
 */
public final class ReliableDeliveryModule implements SendGate {
    private static final Name RECEIVED = Name.of(ArchivedElements.DELIVERY, "received");
    private static final Name RETRY = Name.of(ArchivedElements.DELIVERY, "retry");

    /** How long after a message it may be sent again. */
    private static final Duration RETRY_WINDOW = Duration.ofHours(24);

    private final ConversationLog log;

    public ReliableDeliveryModule(Setup setup) {
        log = setup.require(ConversationLog.class);
        setup.feature(ArchivedElements.DELIVERY, SERVER, OWN_ACCOUNT)
                .message(Stage.ANNOTATE, this::annotate)
                .message(Stage.COPY, ReliableDeliveryModule::receipt)
                .sendGate(this);
    }

    // ---- what comes in
    // -----------------------------------------------------------------------------------------------

    private Verdict annotate(Passage passage, Turn turn) {
        Message message = passage.message();
        BareJid account = turn.jid();
        Payload payload = message.payload()
                .without(ArchivedElements.ARCHIVED, archived -> isOf(archived, account))
                .without(ArchivedElements.TIME, time -> isOf(time, account))
                .without(RECEIVED::equals);
        Element retry = passage.way() == Way.OUTBOUND ? payload.first(RETRY) : null;
        if (retry != null && !isForGroup(retry, passage.peer())) {
            XabberStreams.noted(turn);
            Long id = archived(turn, passage.peer(), payload);
            if (id != null) {
                receipt(turn, turn.origin(), Objects.requireNonNull(OriginId.find(payload)), id);
                return Verdict.drop("it was sent before");
            }
            payload = payload.without(RETRY::equals);
        }
        if (payload.isEmpty() && !message.payload().isEmpty()) {
            return Verdict.drop("nothing was left of it");
        }
        if (payload != message.payload()) {
            passage.replace(message.withPayload(payload));
        }
        return Verdict.PASS;
    }

    /** Claims to be an element of the account, or says so unclearly that somebody may think it. */
    private static boolean isOf(Element element, BareJid account) {
        StanzaId claimed =
                StanzaId.parse(Element.of(StanzaId.NAME).attr("id", "").attrIfPresent("by", element.attr("by")));
        return claimed == null || claimed.by().equals(account);
    }

    /** A group answers for itself. */
    private static boolean isForGroup(Element retry, BareJid peer) {
        return peer.toString().equals(retry.attr("to"));
    }

    /** The id of the message with this origin-id, if the account sent it lately and nobody refused it. */
    private @Nullable Long archived(Turn turn, BareJid peer, Payload payload) {
        String originId = OriginId.find(payload);
        if (originId == null) {
            return null;
        }
        long oldest = Micros.of(turn.now().minus(RETRY_WINDOW));
        Way way = peer.equals(turn.jid()) ? Way.INBOUND : Way.OUTBOUND;
        for (Row<Long, LogEntry> row : log.find(turn, way, peer, IdKind.ORIGIN, originId)) {
            LogEntry entry = row.value();
            if (entry.received() >= oldest && !log.isRefused(turn, row.key(), entry)) {
                return row.key();
            }
        }
        return null;
    }

    // ---- receipts
    // ----------------------------------------------------------------------------------------------------

    private static Verdict receipt(Passage passage, Turn turn) {
        Long id = ArchiveId.parse(passage.archiveId());
        String originId = id == null ? null : OriginId.find(passage.message().payload());
        if (id != null && originId != null) {
            receipt(turn, sender(passage, turn), originId, id);
        }
        return Verdict.PASS;
    }

    /** The session that sent the message; what an account sends to itself is archived when it comes in. */
    private static @Nullable ClientSession sender(Passage passage, Turn turn) {
        if (passage.way() == Way.OUTBOUND) {
            return turn.origin();
        }
        return passage.peer().equals(turn.jid()) && passage.message().from() instanceof FullJid from
                ? turn.session(from.resource())
                : null;
    }

    private static void receipt(Turn turn, @Nullable ClientSession session, String originId, long id) {
        if (session == null || !XabberStreams.isOne(turn, session)) {
            return;
        }
        Element received = Element.of(RECEIVED)
                .child(new OriginId(originId).element())
                .child(new StanzaId(ArchiveId.format(id), turn.jid()).element())
                .child(ArchivedElements.time(id, turn.jid()));
        Jid server = Jid.of(turn.jid().domain());
        Header header = Header.to(session.jid()).withFrom(server);
        turn.send(session, Message.of(header, Message.Type.HEADLINE, Payload.of(received)));
    }

    // ---- what goes out
    // -----------------------------------------------------------------------------------------------

    @Override
    public List<Stanza> pass(ClientSession session, Stanza stanza) {
        return stanza instanceof Message message && XabberStreams.isOne(session)
                ? List.of(ArchivedElements.added(message, session.jid().bare()))
                : List.of(stanza);
    }

    @Override
    public List<Stanza> release(ClientSession session) {
        return List.of();
    }
}
