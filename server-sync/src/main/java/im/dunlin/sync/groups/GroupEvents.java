// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.groups;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Row;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.Values;
import im.dunlin.sync.log.ChangeObserver.Cause;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.EditedPayload;
import im.dunlin.sync.log.IdKind;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.LogReader.Entries;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Edits and retractions that a group tells its members of, in the copies that a member's archive has. */
final class GroupEvents {
    private static final String NOTIFY = "https://xabber.com/protocol/rewrite#notify";
    static final Name RETRACT = Name.of(NOTIFY, "retract-message");
    static final Name REPLACE = Name.of(NOTIFY, "replace");
    static final Name RETRACT_ALL = Name.of(NOTIFY, "retract-all");
    static final Name RETRACT_USER = Name.of(NOTIFY, "retract-user");

    /** So many entries are looked at in one turn for those that no index names. */
    static final int LOOK_BACK = 1_000;

    private static final String EXPULSION_TIMER = "group-expulsion";

    private final ConversationLog log;
    private final LogReader reader;

    GroupEvents(Setup setup, ConversationLog log) {
        this.log = log;
        this.reader = log.reader();
        setup.timer(EXPULSION_TIMER, (data, turn) -> expel(turn, Expulsion.CODEC.read(data)));
    }

    /** Does what the event says to what is here of it. */
    void apply(Turn turn, ConversationKey group, Element event) {
        boolean isChanged = false;
        if (event.is(RETRACT_ALL)) {
            isChanged = log.retractAll(turn, group) != 0;
        } else if (event.is(RETRACT_USER)) {
            String member = event.attr("id");
            isChanged = member != null && expel(turn, new Expulsion(group, member, Long.MAX_VALUE));
        } else {
            String id = event.attr("id");
            Row<Long, LogEntry> row = id == null ? null : find(turn, group, id);
            if (row != null) {
                isChanged = event.is(RETRACT)
                        ? log.retract(turn, row.key(), null, turn.stamp(), 0)
                        : replace(turn, row, event);
            }
        }
        if (!isChanged) {
            // The version is the group's, and clients compare it.
            log.touch(turn, group, Cause.REWRITE, turn.stamp());
        }
    }

    /** Takes away what a member said before an entry, so many entries in this turn and the others by and by. */
    private boolean expel(Turn turn, Expulsion task) {
        boolean isChanged = false;
        ConversationHead head = log.head(turn, task.group());
        if (head == null) {
            return false;
        }
        List<Long> theirs = new ArrayList<>();
        long before = task.before();
        int seen = 0;
        try (Entries entries = reader.entries(turn.reader(), turn.owner().key(), head, 0, before, Direction.BACKWARD)) {
            for (Row<Long, LogEntry> row = entries.next(); row != null; row = entries.next()) {
                if (row.value().isKept() && task.member().equals(author(row.value()))) {
                    theirs.add(row.key());
                }
                before = row.key();
                if (++seen == LOOK_BACK) {
                    break;
                }
            }
        }
        for (Long id : theirs) {
            isChanged |= log.retract(turn, id, null, turn.stamp(), 0);
        }
        if (seen == LOOK_BACK) {
            turn.schedule(EXPULSION_TIMER, turn.now(), Expulsion.CODEC.write(task.goingOn(before)));
        }
        return isChanged;
    }

    /**
     * A member whose messages a group takes away.
     *
     * @param before the entry that was looked at last
     */
    record Expulsion(ConversationKey group, String member, long before) {
        static final ValueCodec<Expulsion> CODEC = Values.versioned(
                1,
                (out, task) -> out.text(task.group.peer().toString())
                        .text(task.group.type().wire())
                        .text(task.member)
                        .varint(task.before),
                in -> new Expulsion(
                        new ConversationKey(Jid.prepared(in.text()).bare(), type(in.text())), in.text(), in.varint()));

        private static ConversationType type(String wire) {
            ConversationType type = ConversationType.parse(wire);
            if (type == null) {
                throw new CorruptionException("conversation of an unknown type");
            }
            return type;
        }

        Expulsion goingOn(long from) {
            return new Expulsion(group, member, from);
        }
    }

    private boolean replace(Turn turn, Row<Long, LogEntry> row, Element event) {
        for (Element child : event.children()) {
            if (child.name().local().equals("message")) {
                List<Element> content = new ArrayList<>();
                child.children().forEach(each -> content.add(inClientNamespace(each)));
                Payload edited = EditedPayload.of(row.value().message().payload(), Payload.of(content), turn.now());
                return log.replace(turn, row.key(), edited, turn.stamp(), 0);
            }
        }
        return false;
    }

    /** Some groups declare a namespace for the message and some do not; then its body is in that of the event. */
    private static Element inClientNamespace(Element element) {
        return element.name().namespace().equals(NOTIFY)
                        && element.name().local().equals("body")
                ? Element.of(Name.of(Ns.CLIENT, "body"), element.text())
                : element;
    }

    /** The entry that the group's archive has under this id. */
    private @Nullable Row<Long, LogEntry> find(Turn turn, ConversationKey group, String id) {
        List<Row<Long, LogEntry>> found = log.find(turn, Way.INBOUND, group.peer(), IdKind.FOREIGN, id).stream()
                .filter(row -> row.value().type() == group.type())
                .toList();
        if (found.isEmpty()) {
            // The account's own messages got their ids later, and have no index.
            return own(turn, group, id);
        }
        return found.get(0);
    }

    private @Nullable Row<Long, LogEntry> own(Turn turn, ConversationKey group, String id) {
        ConversationHead head = Objects.requireNonNull(log.head(turn, group), "there is such a conversation");
        try (Entries entries =
                reader.entries(turn.reader(), turn.owner().key(), head, 0, Long.MAX_VALUE, Direction.BACKWARD)) {
            Row<Long, LogEntry> row = entries.next();
            for (int i = 0; row != null && i < LOOK_BACK; i++) {
                LogEntry entry = row.value();
                if (entry.isKept() && entry.outbound() && id.equals(entry.foreignId())) {
                    return row;
                }
                row = entries.next();
            }
        }
        return null;
    }

    private static @Nullable String author(LogEntry entry) {
        Element card = GroupsModule.card(entry.message().payload().children());
        return entry.outbound() || card == null ? null : card.attr("id");
    }

    /** Whether the event is one of the group. */
    static boolean isOf(Element event, BareJid peer) {
        return peer.toString().equals(event.attr("conversation"));
    }
}
