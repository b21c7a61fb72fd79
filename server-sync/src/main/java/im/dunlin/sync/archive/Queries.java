// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Binding;
import im.dunlin.core.module.BoundSection;
import im.dunlin.core.module.Setup;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.LogReader.Ends;
import im.dunlin.sync.log.XabberStreams;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0313: pages of the archive, its form and its metadata.
 *
 * <p>Pages are read on a snapshot by the readers: an old page may have to come from disk, and other accounts of the lane
 * should not wait for that. The snapshot is taken after the turn of the query, so that it has everything that the account
 * was sent or has sent before; the answer leaves through the account's lane, behind the sync of all that it shows.
 */
final class Queries {
    private static final Name FIN = Name.of(Ns.MAM, "fin");
    private static final Name METADATA = Name.of(Ns.MAM, "metadata");
    private static final Name START = Name.of(Ns.MAM, "start");
    private static final Name END = Name.of(Ns.MAM, "end");
    private static final Name VALIDATE = Name.of("http://jabber.org/protocol/xdata-validate", "validate");
    private static final Name OPEN = Name.of("http://jabber.org/protocol/xdata-validate", "open");

    private final ServerConfig config;
    private final LogReader log;
    private final OfflineMessages offline;

    Queries(Setup setup, ConversationLog log, OfflineMessages offline) {
        this.config = setup.config();
        this.log = log.reader();
        this.offline = offline;
    }

    void declare(Setup setup) {
        setup.iqSet(ArchiveQuery.QUERY, Set.of(Addressee.OWN_ACCOUNT), this::query)
                .iqGet(ArchiveQuery.QUERY, Set.of(Addressee.OWN_ACCOUNT), (iq, turn) -> iq.result(form()))
                .iqGet(METADATA, Set.of(Addressee.OWN_ACCOUNT), this::metadata)
                .bindInline(BoundSection.ARCHIVE, this::bound);
    }

    // ---- pages
    // -------------------------------------------------------------------------------------------------------

    /** @param version the account's last edit or retraction in what was read */
    private record Outcome(ArchivePage page, long version) {}

    private @Nullable Iq query(Iq iq, Turn turn) {
        ClientSession session = Objects.requireNonNull(turn.origin(), "only sessions ask their own account");
        AccountLimits limits = config.host(turn.jid().domain()).limits();
        ArchiveQuery query = ArchiveQuery.parse(iq.request(), limits);
        OpenPages.begin(turn, session, limits);
        if (query.page().max() > 0) {
            offline.querying(turn, session);
        }
        BareJid jid = turn.jid();
        OwnerKey account = turn.owner().key();
        PageBound bound = PageBound.of(limits, config.limits());
        ArchivePage.View view =
                XabberStreams.isOne(turn, session) ? ArchivePage.View.AS_IT_IS : ArchivePage.View.AS_IT_WAS_TOLD;
        OpenPages.read(
                turn,
                session,
                iq,
                reader -> {
                    long version = log.rewriteVersion(reader, account);
                    ArchivePage.Source source = new ArchivePage.Source(log, reader, jid, account);
                    return new Outcome(source.read(query, view, bound), version);
                },
                (then, outcome) -> answer(then, session, iq, query, view, outcome));
        return null;
    }

    private void answer(
            Turn turn, ClientSession session, Iq iq, ArchiveQuery query, ArchivePage.View view, Outcome outcome) {
        OpenPages.end(turn, session);
        ArchivePage page = outcome.page();
        List<Row<Long, LogEntry>> entries = upToDate(turn, page.entries(), view, outcome.version());
        if (query.flipped()) {
            Collections.reverse(entries);
        }
        boolean xabber = XabberStreams.isOne(turn, session);
        for (Row<Long, LogEntry> row : entries) {
            Element result = ArchiveResult.of(query.queryId(), row, turn.jid(), xabber);
            Header header = Header.to(session.jid()).withFrom(turn.jid());
            turn.send(session, Message.of(header, Message.Type.NORMAL, Payload.of(result)));
        }
        turn.answer(iq.result(fin(page)));
        if (query.page().max() > 0) {
            offline.queried(turn, session);
        }
    }

    /** The session may have been told already that one of them was taken back while they were read. */
    private List<Row<Long, LogEntry>> upToDate(
            Turn turn, List<Row<Long, LogEntry>> entries, ArchivePage.View view, long version) {
        OwnerKey account = turn.owner().key();
        if (log.rewriteVersion(turn.reader(), account) == version) {
            return new ArrayList<>(entries);
        }
        List<Row<Long, LogEntry>> current = new ArrayList<>(entries.size());
        for (Row<Long, LogEntry> row : entries) {
            LogEntry entry = log.entry(turn.reader(), account, row.key());
            if (entry != null && view.has(entry)) {
                current.add(new Row<>(row.owner(), row.key(), entry));
            }
        }
        return current;
    }

    private static Element fin(ArchivePage page) {
        ElementBuilder set = Element.builder(PageRequest.SET);
        Long first = page.first();
        Long last = page.last();
        if (first != null && last != null) {
            set.child(PageRequest.FIRST, ArchiveId.format(first)).child(PageRequest.LAST, ArchiveId.format(last));
        }
        if (page.count() != null) {
            set.child(PageRequest.COUNT, page.count().toString());
        }
        return Element.builder(FIN)
                .attrIfPresent("complete", page.complete() ? "true" : null)
                .child(set.build())
                .build();
    }

    // ---- what can be asked
    // -------------------------------------------------------------------------------------------

    private static Element form() {
        ElementBuilder form = Element.builder(FormFields.FORM)
                .attr("type", "form")
                .child(field("hidden", "FORM_TYPE").child(FormFields.VALUE, Ns.MAM))
                .child(field("jid-single", "with"))
                .child(field("text-single", "start"))
                .child(field("text-single", "end"))
                .child(field("text-single", "before-id"))
                .child(field("text-single", "after-id"))
                .child(field("list-multi", "ids")
                        .child(Element.of(VALIDATE)
                                .attr("datatype", "xs:string")
                                .child(Element.of(OPEN))))
                .child(field("boolean", "include-groupchat"))
                .child(field("text-single", ArchiveQuery.CONVERSATION_TYPE))
                .child(field("text-multi", ArchiveQuery.WITH_TAGS))
                .child(field("text-single", ArchiveQuery.WITH_TEXT))
                .child(field("boolean", ArchiveQuery.RSM_COUNTER));
        return Element.builder(ArchiveQuery.QUERY).child(form.build()).build();
    }

    private static Element field(String type, String name) {
        return Element.of(FormFields.FIELD).attr("type", type).attr("var", name);
    }

    private @Nullable Iq metadata(Iq iq, Turn turn) {
        OwnerKey account = turn.owner().key();
        turn.read(reader -> metadata(reader, account), (then, metadata) -> then.answer(iq.result(metadata)));
        return null;
    }

    /**
     * XEP-0386 §4.2: where the archive stands at the moment of the bind. The client goes on from there, so what waits for whoever
     * comes does not wait for this client.
     */
    private void bound(Binding binding, Turn turn) {
        OwnerKey account = turn.owner().key();
        offline.querying(turn, binding.session());
        offline.queried(turn, binding.session());
        Ends ends = log.endsAtOnce(turn.reader(), account);
        if (ends != null) {
            binding.answer(metadata(ends));
        } else {
            binding.read(turn, reader -> metadata(reader, account), (then, metadata) -> binding.answer(metadata));
        }
    }

    private Element metadata(Reader reader, OwnerKey account) {
        return metadata(new Ends(
                log.first(reader, account, Direction.FORWARD), log.first(reader, account, Direction.BACKWARD)));
    }

    private static Element metadata(Ends archive) {
        ElementBuilder metadata = Element.builder(METADATA);
        Row<Long, LogEntry> oldest = archive.oldest();
        Row<Long, LogEntry> newest = archive.newest();
        if (oldest != null && newest != null) {
            metadata.child(bound(START, oldest)).child(bound(END, newest));
        }
        return metadata.build();
    }

    private static Element bound(Name name, Row<Long, LogEntry> row) {
        return Element.of(name)
                .attr("id", ArchiveId.format(row.key()))
                .attr("timestamp", Delay.format(Micros.toInstant(row.value().received())));
    }
}
