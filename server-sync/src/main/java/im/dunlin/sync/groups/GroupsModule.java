// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.groups;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.PresenceStage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.OriginId;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ChangeObserver.Cause;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationHead.Status;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.GroupInvitation;
import im.dunlin.sync.log.IdKind;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.LogTables;
import im.dunlin.sync.log.Mentions;
import im.dunlin.sync.synchronization.GroupFacts;
import im.dunlin.sync.synchronization.SynchronizationView;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Groups of Xabber's kind as their members' server sees them: who is invited, under which card an account is in a group, under
 * which ids the group has what the account sent, and what the group edits and retracts. The groups themselves are elsewhere.
 *
 * <p>All of it is said by the group's own address, and concerns nothing but the conversation with that address. Anybody may
 * invite; who invites in the name of an address with which the account has a chat is not believed.
 */
public final class GroupsModule implements GroupFacts {
    static final String GROUPS = "https://xabber.com/protocol/groups";

    private static final Name X = Name.of(GROUPS, "x");
    private static final Name DECLINE = Name.of(GroupInvitation.NAMESPACE, "decline");
    private static final Name ECHO = Name.of("https://xabber.com/protocol/delivery", "x");
    private static final Name REFERENCE = Name.of("https://xabber.com/protocol/references", "reference");

    /** A card has a name, a badge and where an avatar is; a longer one is not kept. */
    static final int MAX_CARD = 4 << 10;

    static final TableSpec<ConversationKey, GroupState> STATES =
            new TableSpec<>("conversation-groups", Shape.POINT, LogTables.conversationKeys(), GroupState.CODEC);

    private final ConversationLog log;
    private final LogReader reader;
    private final GroupEvents events;
    private final Table<ConversationKey, GroupState> states;

    public GroupsModule(Setup setup) {
        log = setup.require(ConversationLog.class);
        reader = log.reader();
        events = new GroupEvents(setup, log);
        states = setup.table(STATES);
        setup.require(SynchronizationView.class).show(this);
        RosterView roster = setup.require(RosterView.class);
        roster.follow(new Requests(roster));
        log.observe(this::changed);
        setup.message(Stage.RECORD, this::record)
                .presence(PresenceStage.ANNOTATE, this::presence)
                .screen(this::decline);
    }

    // ---- what is known
    // -----------------------------------------------------------------------------------------------

    @Override
    public @Nullable Facts of(Reader rows, OwnerKey account, ConversationKey group) {
        GroupState state = rows.get(states, account, group);
        return state == null ? null : new Facts(state.elements(), state.invitation(), state.version());
    }

    private GroupState state(Turn turn, ConversationKey group) {
        return Objects.requireNonNullElse(turn.get(states, group), GroupState.UNKNOWN);
    }

    private static ConversationKey key(BareJid group) {
        return new ConversationKey(group, ConversationType.GROUP);
    }

    /** A group that is out of the list is a stranger. */
    private void changed(Turn turn, ConversationKey key, ConversationHead head, Cause cause) {
        if (key.type().isGroup() && head.status() == Status.DELETED && turn.get(states, key) != null) {
            turn.delete(states, key);
        }
    }

    // ---- what groups say
    // ---------------------------------------------------------------------------------------------

    private Verdict record(Passage passage, Turn turn) {
        Message message = passage.message();
        BareJid peer = passage.peer();
        if (passage.way() == Way.OUTBOUND || message.type() == Message.Type.ERROR || peer.equals(passage.account())) {
            return Verdict.PASS;
        }
        if (message.type() == Message.Type.HEADLINE) {
            if (message.payload().has(ECHO)) {
                echo(turn, peer, Objects.requireNonNull(message.payload().first(ECHO)));
            }
            event(turn, peer, message.payload());
            return Verdict.PASS;
        }
        Long id = ArchiveId.parse(passage.archiveId());
        if (id != null) {
            invited(turn, peer, message, id);
            mentioned(turn, id, message.payload());
        }
        return Verdict.PASS;
    }

    /** The group has what the account sent, and under which id and card. */
    private void echo(Turn turn, BareJid peer, Element echo) {
        Element message = echo.children().stream()
                .filter(child -> child.name().local().equals("message"))
                .findFirst()
                .orElse(null);
        String originId = message == null ? null : OriginId.find(Payload.of(message.children()));
        StanzaId stanzaId = message == null ? null : StanzaId.find(Payload.of(message.children()), peer);
        if (message == null || originId == null || stanzaId == null) {
            return;
        }
        for (Row<Long, LogEntry> row : log.find(turn, Way.OUTBOUND, peer, IdKind.ORIGIN, originId)) {
            ConversationKey key = row.value().key(turn.jid());
            if (key.type().isGroup()) {
                Element card = card(message.children());
                GroupState state = state(turn, key);
                if (card != null
                        && !card.equals(state.card())
                        && Payload.of(card).size() <= MAX_CARD) {
                    turn.put(states, key, state.withCard(card));
                }
                log.identify(turn, row.key(), stanzaId.id());
                long stamp = turn.stamp();
                if (!log.delivered(turn, key, row.key(), () -> stamp)) {
                    log.touch(turn, key, Cause.POSITION, stamp);
                }
                return;
            }
        }
    }

    /** The card of whoever wrote a message of a group; null without one. */
    static @Nullable Element card(List<Element> content) {
        for (Element child : content) {
            boolean isGroups = child.name().local().equals("x")
                    && (child.is(X) || child.name().namespace().equals(ConversationType.CHANNEL.wire()));
            if (isGroups) {
                Name user = Name.of(child.name().namespace(), "user");
                Element reference = child.first(REFERENCE);
                Element inside = reference == null ? null : reference.first(user);
                return inside == null ? child.first(user) : inside;
            }
        }
        return null;
    }

    /** The group has changed what it once sent. */
    private void event(Turn turn, BareJid peer, Payload payload) {
        for (Name name :
                List.of(GroupEvents.RETRACT, GroupEvents.REPLACE, GroupEvents.RETRACT_ALL, GroupEvents.RETRACT_USER)) {
            Element event = payload.has(name) ? payload.first(name) : null;
            ConversationType type =
                    event == null ? null : ConversationType.parse(Objects.requireNonNullElse(event.attr("type"), ""));
            if (event == null || type == null || !type.isGroup() || !GroupEvents.isOf(event, peer)) {
                continue;
            }
            ConversationKey key = new ConversationKey(peer, type);
            ConversationHead head = log.head(turn, key);
            Long version = version(event);
            GroupState state = state(turn, key);
            if (head != null && head.isLive() && version != null && version > state.version()) {
                turn.put(states, key, state.withVersion(version));
                events.apply(turn, key, event);
            }
        }
    }

    private static @Nullable Long version(Element event) {
        String text = event.attr("version");
        boolean isNumber = text != null && text.length() <= 18 && text.matches("[0-9]+");
        return isNumber ? (Long) Long.parseLong(text) : null;
    }

    private void mentioned(Turn turn, long id, Payload payload) {
        LogEntry entry = log.entry(turn, id);
        ConversationKey key = entry == null ? null : entry.key(turn.jid());
        Element card =
                key == null || !key.type().isGroup() ? null : state(turn, key).card();
        String member = card == null ? null : card.attr("id");
        if (key != null && member != null && Mentions.hasMember(payload, member)) {
            log.mentioned(turn, key, id);
        }
    }

    // ---- coming and going
    // --------------------------------------------------------------------------------------------

    private void invited(Turn turn, BareJid from, Message message, long id) {
        BareJid group = GroupInvitation.group(message);
        if (group == null || group.equals(turn.jid())) {
            return;
        }
        ConversationKey key = key(group);
        ConversationHead head = log.head(turn, key);
        boolean isIn = head != null && head.isLive() && head.lastMessage() != 0;
        boolean isOther = reader.conversations(turn.reader(), turn.owner().key(), group).stream()
                .anyMatch(row -> row.value().isLive() && !row.key().equals(key));
        if (isIn || isOther) {
            return;
        }
        turn.put(states, key, state(turn, key).describedBy(message.payload()).withInvitation(id));
        if (!group.equals(from)) {
            long stamp = turn.stamp();
            log.changeOrBegin(
                    turn,
                    key,
                    Cause.MESSAGE,
                    () -> stamp,
                    old -> old.woken(turn.now()).withOrderStamp(stamp));
        }
    }

    /** Says no to an invitation: neither it nor the group is there any more. */
    private Verdict decline(Stanza stanza, Way way, Turn turn) {
        if (way == Way.OUTBOUND
                && stanza instanceof Iq iq
                && iq.type() == Iq.Type.SET
                && iq.to() != null
                && iq.payload().has(DECLINE)) {
            ConversationKey key = key(iq.to().bare());
            long invitation = state(turn, key).invitation();
            if (invitation != 0) {
                log.retract(turn, invitation, null, turn.stamp(), 0);
                log.delete(turn, key);
            }
        }
        return Verdict.PASS;
    }

    private Presence presence(Presence presence, Way way, Turn turn) {
        var other = way == Way.OUTBOUND ? presence.to() : presence.from();
        if (other == null || !presence.type().isSubscription()) {
            // Says nothing of who is in the group.
            return presence;
        }
        ConversationKey key = key(other.bare());
        switch (presence.type()) {
            case SUBSCRIBE, SUBSCRIBED -> {
                GroupState state = way == Way.OUTBOUND ? state(turn, key) : GroupState.UNKNOWN;
                if (state.invitation() != 0) {
                    turn.put(states, key, state.withInvitation(0));
                    log.touch(turn, key, Cause.STATE, turn.stamp());
                }
            }
            case UNSUBSCRIBE, UNSUBSCRIBED -> {
                ConversationHead head = log.head(turn, key);
                if (head != null && head.isLive()) {
                    log.delete(turn, key);
                }
            }
            default -> throw new IllegalStateException("no subscription: " + presence.type());
        }
        return presence;
    }

    /** A group that asks to be subscribed to says what it is. */
    private final class Requests implements RosterView.RequestListener {
        private final RosterView roster;

        Requests(RosterView roster) {
            this.roster = roster;
        }

        @Override
        public void asked(BareJid contact, long stamp, Turn turn) {
            Presence request = roster.request(contact, turn.jid(), turn.owner().key(), turn.reader());
            if (request != null && request.payload().has(X)) {
                turn.put(states, key(contact), state(turn, key(contact)).describedBy(request.payload()));
            }
        }

        @Override
        public void answered(BareJid contact, Turn turn) {
            // What the group is, it stays.
        }
    }
}
