// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.groups;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an account knows of one group.
 *
 * @param card of the account in it, as the group last wrote it
 * @param privacy null if nobody has said
 * @param parent the group that this one is a private chat of
 * @param invitation the archived message that invites to it, not yet answered; 0 without
 * @param version of the group's last edit or retraction, by its own count
 */
record GroupState(
        @Nullable Element card,
        @Nullable Privacy privacy,
        @Nullable BareJid parent,
        long invitation,
        long version) {
    static final GroupState UNKNOWN = new GroupState(null, null, null, 0, 0);

    static final ValueCodec<GroupState> CODEC = Values.versioned(1, GroupState::write, GroupState::read);

    private static final Name X = Name.of(GroupsModule.GROUPS, "x");
    private static final Name PRIVACY = Name.of(GroupsModule.GROUPS, "privacy");

    /** The ordinals are on disk. */
    enum Privacy {
        PUBLIC,
        INCOGNITO;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        static @Nullable Privacy parse(@Nullable String wire) {
            for (Privacy each : values()) {
                if (each.wire().equals(wire)) {
                    return each;
                }
            }
            return null;
        }
    }

    /** As the message or request says that introduces the group. */
    GroupState describedBy(Payload payload) {
        Element x = payload.has(X) ? payload.first(X) : null;
        Privacy said = x == null ? null : Privacy.parse(x.text(PRIVACY));
        String above = x == null ? null : x.attr("parent");
        return new GroupState(
                card, said == null ? privacy : said, above == null ? parent : bare(above), invitation, version);
    }

    private static @Nullable BareJid bare(String text) {
        try {
            return Jid.parse(text).bare();
        } catch (JidException e) {
            return null;
        }
    }

    GroupState withCard(Element newCard) {
        return new GroupState(newCard, privacy, parent, invitation, version);
    }

    GroupState withInvitation(long id) {
        return new GroupState(card, privacy, parent, id, version);
    }

    GroupState withVersion(long newVersion) {
        return new GroupState(card, privacy, parent, invitation, newVersion);
    }

    List<Element> elements() {
        List<Element> elements = new ArrayList<>(2);
        if (card != null) {
            elements.add(card);
        }
        if (privacy != null) {
            elements.add(Element.of(X)
                    .attrIfPresent("parent", parent == null ? null : parent.toString())
                    .child(PRIVACY, privacy.wire()));
        }
        return elements;
    }

    private static void write(ValueWriter out, GroupState state) {
        out.bytes(state.card == null ? new byte[0] : Payload.of(state.card).bytes())
                .u8(state.privacy == null ? 0 : state.privacy.ordinal() + 1)
                .nullableText(state.parent == null ? null : state.parent.toString())
                .varint(state.invitation)
                .varint(state.version);
    }

    private static GroupState read(ValueReader in) {
        byte[] card = in.bytes();
        int privacy = in.u8();
        if (privacy > Privacy.values().length) {
            throw new CorruptionException("a group's privacy of number " + privacy);
        }
        String parent = in.nullableText();
        return new GroupState(
                card.length == 0 ? null : Element.parse(card),
                privacy == 0 ? null : Privacy.values()[privacy - 1],
                parent == null ? null : Jid.prepared(parent).bare(),
                in.varint(),
                in.varint());
    }
}
