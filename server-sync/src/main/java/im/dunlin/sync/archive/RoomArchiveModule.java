// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.HeldKey;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.muc.RoomMessage;
import im.dunlin.core.modules.muc.RoomsView;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Range;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Table;
import im.dunlin.sync.log.ArchiveId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * XEP-0313 in rooms: a view of what the room keeps, as the archive of an account is one of its conversations.
 *
 * <p>Whoever may enter the room without being asked for anything may read; what it sees of people is what it may see now.
 */
public final class RoomArchiveModule implements RoomsView.Extension {
    /** Its name in the configuration. */
    public static final String KEY = "room-archive";

    private static final Name METADATA = Name.of(Ns.MAM, "metadata");
    private static final Name RESULT = Name.of(Ns.MAM, "result");
    private static final Name FIN = Name.of(Ns.MAM, "fin");

    private static final long MILLISECOND = 1_000;

    /** Messages that one page reads and does not show. */
    private static final int MOST_PASSED = 1_000;

    /** Pages of a room that are read at a time: the readers are everybody's. */
    private static final int MOST_READ = 20;

    private static final HeldKey<Map<Jid, Integer>> READING = new HeldKey<>("room-archive.reading");

    private static final Logger logger = LoggerFactory.getLogger(RoomArchiveModule.class);

    private final Setup setup;
    private final RoomsView rooms;
    private final Table<Long, RoomMessage> messages;

    public RoomArchiveModule(Setup setup) {
        this.setup = setup;
        rooms = setup.require(RoomsView.class);
        messages = rooms.messages();
        rooms.extend(this);
        setup.implementing(313, "1.1.3");
    }

    private static String host(Turn room) {
        String domain = room.jid().domain();
        return domain.substring(domain.indexOf('.') + 1);
    }

    private boolean isOn(Turn room) {
        return setup.config().host(host(room)).hasModule(KEY);
    }

    @Override
    public Set<String> features(Turn room) {
        return isOn(room) ? Set.of(Ns.MAM, Ns.MAM + "#extended") : Set.of();
    }

    @Override
    public Set<Name> requests() {
        return Set.of(ArchiveQuery.QUERY, METADATA);
    }

    @Override
    public @Nullable Iq answer(Iq iq, Jid from, Turn room) {
        if (!isOn(room)) {
            throw StanzaError.serviceUnavailable().toException();
        }
        RoomsView.Reading reading = rooms.reading(from, room);
        if (reading == null) {
            throw StanzaError.forbidden().toException();
        }
        boolean isQuery = iq.requestName().equals(ArchiveQuery.QUERY);
        if (isQuery && iq.type() == Iq.Type.SET) {
            query(iq, from, reading, room);
            return null;
        }
        if (iq.type() == Iq.Type.GET) {
            return iq.result(isQuery ? form() : metadata(room));
        }
        throw StanzaError.serviceUnavailable().toException();
    }

    // ---- pages
    // -------------------------------------------------------------------------------------------------------

    /**
     * @param rows oldest first
     * @param first where the page before this one ends; null if nothing was read
     * @param last where the page behind this one begins
     */
    private record Page(
            List<Row<Long, RoomMessage>> rows,
            boolean complete,
            @Nullable Long first,
            @Nullable Long last) {}

    private void query(Iq iq, Jid from, RoomsView.Reading reading, Turn room) {
        AccountLimits limits = setup.config().host(host(room)).limits();
        ArchiveQuery query = ArchiveQuery.parse(iq.request(), limits);
        if (query.type() != null || !query.tags().isEmpty() || query.text() != null) {
            throw StanzaError.featureNotImplemented().toException();
        }
        PageBound bound = PageBound.of(limits, setup.config().limits());
        OwnerKey owner = room.owner().key();
        begin(from, limits, room);
        room.read(reader -> tried(reader, owner, query, bound), (turn, outcome) -> {
            end(from, turn);
            Page page = outcome.page();
            if (page == null) {
                turn.route(iq.error(Objects.requireNonNull(outcome.error(), "neither page nor error")));
                return;
            }
            List<Row<Long, RoomMessage>> rows = new ArrayList<>(page.rows());
            if (query.flipped()) {
                Collections.reverse(rows);
            }
            for (Row<Long, RoomMessage> row : rows) {
                // What was taken back while it was read stays so.
                RoomMessage now = turn.exists() ? turn.get(messages, row.key()) : null;
                if (now != null) {
                    turn.route(result(query, row.key(), reading.shown(row.key(), now), turn.jid(), from));
                }
            }
            turn.route(iq.result(fin(page)));
        });
    }

    private static void begin(Jid asker, AccountLimits limits, Turn room) {
        Map<Jid, Integer> reading = Objects.requireNonNullElse(room.held(READING), Map.of());
        int all = reading.values().stream().mapToInt(each -> each).sum();
        if (reading.getOrDefault(asker, 0) >= limits.archiveQueries() || all >= MOST_READ) {
            throw StanzaError.resourceConstraint("too many queries at a time").toException();
        }
        Map<Jid, Integer> changed = new HashMap<>(reading);
        changed.merge(asker, 1, Integer::sum);
        room.hold(READING, changed);
    }

    private static void end(Jid asker, Turn room) {
        Map<Jid, Integer> changed = new HashMap<>(Objects.requireNonNullElse(room.held(READING), Map.of()));
        changed.computeIfPresent(asker, (jid, open) -> open == 1 ? null : open - 1);
        room.hold(READING, changed.isEmpty() ? null : changed);
    }

    private record Outcome(@Nullable Page page, @Nullable StanzaError error) {}

    /** However it fails, the page is not open any more, and the question is answered. */
    private Outcome tried(Reader reader, OwnerKey owner, ArchiveQuery query, PageBound bound) {
        try {
            return new Outcome(read(reader, owner, query, bound), null);
        } catch (StanzaException e) {
            return new Outcome(null, e.error());
        } catch (RuntimeException e) {
            logger.error("A page cannot be read", e);
            return new Outcome(null, StanzaError.internalServerError());
        }
    }

    private Page read(Reader reader, OwnerKey owner, ArchiveQuery query, PageBound bound) {
        requireAll(reader, owner, query);
        int most = Math.min(query.page().max(), bound.stanzas());
        if (most == 0) {
            return new Page(List.of(), false, null, null);
        }
        Direction direction = query.page().isBackward() ? Direction.BACKWARD : Direction.FORWARD;
        List<Row<Long, RoomMessage>> found = new ArrayList<>();
        long bytes = 0;
        boolean complete = true;
        int passed = 0;
        Long cutAt = null;
        try (var rows = reader.scan(messages, owner, range(query), direction)) {
            while (rows.hasNext()) {
                Row<Long, RoomMessage> row = rows.next();
                if (!matches(query, row)) {
                    if (++passed == MOST_PASSED) {
                        complete = false;
                        cutAt = row.key();
                        break;
                    }
                    continue;
                }
                bytes += row.value().message().payload().size() + ArchiveResult.WRAPPER_BYTES;
                if (found.size() == most || bytes > bound.bytes() && !found.isEmpty()) {
                    complete = false;
                    break;
                }
                found.add(row);
            }
        }
        if (direction == Direction.BACKWARD) {
            Collections.reverse(found);
        }
        Long first = found.isEmpty() ? cutAt : found.get(0).key();
        Long last = found.isEmpty() ? cutAt : found.get(found.size() - 1).key();
        if (cutAt != null) {
            first = direction == Direction.BACKWARD ? cutAt : first;
            last = direction == Direction.FORWARD ? cutAt : last;
        }
        return new Page(found, complete, first, last);
    }

    private void requireAll(Reader reader, OwnerKey owner, ArchiveQuery query) {
        List<Long> named = new ArrayList<>(query.ids() == null ? List.of() : query.ids());
        for (Long id : new Long[] {query.afterId(), query.beforeId(), query.pageAfter(), query.pageBefore()}) {
            if (id != null) {
                named.add(id);
            }
        }
        for (Long id : named) {
            if (!reader.has(messages, owner, id)) {
                throw StanzaError.itemNotFound().toException();
            }
        }
    }

    private static Range<Long> range(ArchiveQuery query) {
        Range<Long> range = Range.all();
        long above = Math.max(orElse(query.afterId(), -1), orElse(query.pageAfter(), -1));
        long below = Math.min(orElse(query.beforeId(), Long.MAX_VALUE), orElse(query.pageBefore(), Long.MAX_VALUE));
        if (query.ids() != null && !query.ids().isEmpty()) {
            above = Math.max(above, query.ids().get(0) - 1);
            below = Math.min(below, query.ids().get(query.ids().size() - 1) + 1);
        }
        above = Math.max(above, query.start() <= 0 ? -1 : query.start() - 1);
        // The end is compared as clients see it, in milliseconds.
        below = Math.min(below, query.end() == Long.MAX_VALUE ? Long.MAX_VALUE : query.end() + MILLISECOND);
        return range.from(above + 1).below(Math.max(0, below));
    }

    private static long orElse(@Nullable Long id, long otherwise) {
        return id == null ? otherwise : id;
    }

    private static boolean matches(ArchiveQuery query, Row<Long, RoomMessage> row) {
        Jid with = query.with();
        Jid from = row.value().message().from();
        // By the occupant's address: who is behind it, not everybody may find out.
        return (query.ids() == null || query.ids().contains(row.key()))
                && (with == null || from != null && (with.equals(from) || with.equals(from.bare())));
    }

    private static Message result(ArchiveQuery query, long stamp, Message shown, Jid room, Jid to) {
        Element result = Element.builder(RESULT)
                .attrIfPresent("queryid", query.queryId())
                .attr("id", ArchiveId.format(stamp))
                .child(Forwarded.of(shown, new Delay(Micros.toInstant(stamp), null)))
                .build();
        return Message.of(Header.to(to).withFrom(room), Message.Type.NORMAL, Payload.of(result));
    }

    private static Element fin(Page page) {
        ElementBuilder set = Element.builder(PageRequest.SET);
        Long first = page.first();
        Long last = page.last();
        if (first != null && last != null) {
            set.child(PageRequest.FIRST, ArchiveId.format(first)).child(PageRequest.LAST, ArchiveId.format(last));
        }
        return Element.builder(FIN)
                .attrIfPresent("complete", page.complete() ? "true" : null)
                .child(set.build())
                .build();
    }

    // ---- what there is
    // -----------------------------------------------------------------------------------------------

    private Element metadata(Turn room) {
        ElementBuilder metadata = Element.builder(METADATA);
        for (Direction direction : Direction.values()) {
            for (Row<Long, RoomMessage> row : room.scan(messages, Range.all(), direction, 1)) {
                metadata.child(Element.of(Name.of(Ns.MAM, direction == Direction.FORWARD ? "start" : "end"))
                        .attr("id", ArchiveId.format(row.key()))
                        .attr("timestamp", Delay.format(Micros.toInstant(row.key()))));
            }
        }
        return metadata.build();
    }

    private static Element form() {
        ElementBuilder form = Element.builder(FormFields.FORM)
                .attr("type", "form")
                .child(field("hidden", "FORM_TYPE").child(FormFields.VALUE, Ns.MAM))
                .child(field("jid-single", "with"));
        for (String name : List.of("start", "end", "before-id", "after-id")) {
            form.child(field("text-single", name));
        }
        return Element.builder(ArchiveQuery.QUERY)
                .child(form.child(field("list-multi", "ids")).build())
                .build();
    }

    private static Element field(String type, String name) {
        return Element.of(FormFields.FIELD).attr("type", type).attr("var", name);
    }
}
