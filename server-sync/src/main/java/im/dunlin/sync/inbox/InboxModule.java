// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.inbox;

import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;
import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Row;
import im.dunlin.sync.archive.ArchiveResult;
import im.dunlin.sync.archive.OpenPages;
import im.dunlin.sync.archive.PageBound;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.XabberStreams;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0430: Inbox. The chats of an account, last activity first, with what is unread in each and its last message: a view of the
 * heads of conversations, which keeps nothing.
 *
 * <p>Pages are read on a snapshot by the readers and answered through the lane, like those of the archive.
 */
public final class InboxModule {
    private static final Name ENTRY = Name.of(InboxQuery.NAMESPACE, "entry");
    private static final Name FIN = Name.of(InboxQuery.NAMESPACE, "fin");

    private final ServerConfig config;
    private final LogReader log;

    public InboxModule(Setup setup) {
        config = setup.config();
        log = setup.require(ConversationLog.class).reader();
        setup.implementing(430, "0.2.0")
                .feature(InboxQuery.NAMESPACE, OWN_ACCOUNT, SERVER)
                .iqGet(InboxQuery.INBOX, Set.of(OWN_ACCOUNT), this::query);
    }

    private @Nullable Iq query(Iq iq, Turn turn) {
        ClientSession session = Objects.requireNonNull(turn.origin(), "only sessions ask their own account");
        AccountLimits limits = config.host(turn.jid().domain()).limits();
        InboxQuery query = InboxQuery.parse(iq.request(), limits);
        OpenPages.begin(turn, session, limits);
        OwnerKey account = turn.owner().key();
        PageBound bound = PageBound.of(limits, config.limits());
        OpenPages.read(
                turn,
                session,
                iq,
                reader -> new InboxPage.Source(log, reader, account).read(query, bound),
                (then, page) -> answer(then, session, iq, query, page));
        return null;
    }

    private void answer(Turn turn, ClientSession session, Iq iq, InboxQuery query, InboxPage page) {
        OpenPages.end(turn, session);
        boolean xabber = XabberStreams.isOne(turn, session);
        boolean isOld = log.rewriteVersion(turn.reader(), turn.owner().key()) != page.version();
        for (InboxPage.Chat chat : page.chats()) {
            Element entry = entry(chat);
            Row<Long, LogEntry> message = isOld ? upToDate(turn, chat.message()) : chat.message();
            Payload payload = message == null
                    ? Payload.of(entry)
                    : Payload.of(entry, ArchiveResult.of(iq.id(), message, turn.jid(), xabber));
            Header header = Header.to(session.jid()).withFrom(turn.jid());
            turn.send(session, Message.of(header, Message.Type.NORMAL, payload));
        }
        turn.answer(iq.result(fin(page, query)));
    }

    /** The session may have been told already that it was taken back while it was read. */
    private @Nullable Row<Long, LogEntry> upToDate(Turn turn, @Nullable Row<Long, LogEntry> message) {
        LogEntry entry =
                message == null ? null : log.entry(turn.reader(), turn.owner().key(), message.key());
        return message == null || entry == null || !entry.isKept()
                ? null
                : new Row<>(message.owner(), message.key(), entry);
    }

    private static Element entry(InboxPage.Chat chat) {
        return Element.of(ENTRY)
                .attr("unread", Long.toString(chat.entry().unread()))
                .attr("jid", chat.entry().peer().toString())
                .attrIfPresent("id", chat.lastId() == 0 ? null : ArchiveId.format(chat.lastId()));
    }

    private static Element fin(InboxPage page, InboxQuery query) {
        ElementBuilder set = Element.builder(PageRequest.SET);
        List<InboxPage.Chat> chats = page.chats();
        if (!chats.isEmpty()) {
            set.child(PageRequest.FIRST, place(chats.get(0)))
                    .child(PageRequest.LAST, place(chats.get(chats.size() - 1)));
        }
        set.child(PageRequest.COUNT, Long.toString(query.unreadOnly() ? page.unread() : page.total()));
        return Element.builder(FIN)
                .attr("total", Long.toString(page.total()))
                .attr("unread", Long.toString(page.unread()))
                .attr("all-unread", Long.toString(page.allUnread()))
                .child(set.build())
                .build();
    }

    private static String place(InboxPage.Chat chat) {
        return ArchiveId.format(chat.entry().place());
    }
}
