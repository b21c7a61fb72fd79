// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a roster says of one contact (RFC 6121 §2.1.2). A request that waits for the user's answer is not part of it.
 *
 * @param version of the roster when this item last changed
 * @param asked {@code ask='subscribe'}: the contact has not answered the user's request
 * @param approved a future request of the contact is granted in advance (§3.4)
 */
public record RosterItem(
        long version,
        @Nullable String name,
        boolean to,
        boolean from,
        boolean asked,
        boolean approved,
        List<String> groups) {
    /** Format 1: version, name, the four flags as bits, groups. */
    static final ValueCodec<RosterItem> CODEC = Values.versioned(1, RosterItem::write, RosterItem::read);

    static final RosterItem NEW = new RosterItem(0, null, false, false, false, false, List.of());

    static final Name NAME = Name.of("jabber:iq:roster", "item");
    static final Name GROUP = Name.of("jabber:iq:roster", "group");

    private static final int TO = 1;
    private static final int FROM = 2;
    private static final int ASKED = 4;
    private static final int APPROVED = 8;

    public RosterItem {
        groups = List.copyOf(groups);
    }

    SubscriptionState state(boolean pendingIn) {
        return SubscriptionState.of(to, from, asked, pendingIn);
    }

    RosterItem with(long newVersion) {
        return new RosterItem(newVersion, name, to, from, asked, approved, groups);
    }

    RosterItem with(SubscriptionState state, boolean nowApproved) {
        return new RosterItem(version, name, state.isTo(), state.isFrom(), state.isPendingOut(), nowApproved, groups);
    }

    RosterItem with(@Nullable String newName, List<String> newGroups) {
        return new RosterItem(version, newName, to, from, asked, approved, newGroups);
    }

    Element element(BareJid jid) {
        ElementBuilder item = Element.builder(NAME)
                .attr("jid", jid.toString())
                .attrIfPresent("name", name)
                .attr("subscription", state(false).wire());
        if (asked) {
            item.attr("ask", "subscribe");
        }
        if (approved) {
            item.attr("approved", "true");
        }
        groups.forEach(group -> item.child(GROUP, group));
        return item.build();
    }

    /** Bytes of the item as it is sent, but for what says how far the subscription is. */
    int size(BareJid jid) {
        return Payload.of(with(SubscriptionState.NONE, false).element(jid)).size();
    }

    /** What is pushed when the contact is no longer in the roster (§2.5.2). */
    static Element removed(BareJid jid) {
        return Element.of(NAME).attr("jid", jid.toString()).attr("subscription", "remove");
    }

    private static void write(ValueWriter out, RosterItem item) {
        int flags =
                (item.to ? TO : 0) | (item.from ? FROM : 0) | (item.asked ? ASKED : 0) | (item.approved ? APPROVED : 0);
        out.fixed64(item.version).nullableText(item.name).u8(flags).list(item.groups, ValueWriter::text);
    }

    private static RosterItem read(ValueReader in) {
        long version = in.fixed64();
        String name = in.nullableText();
        int flags = in.u8();
        return new RosterItem(
                version,
                name,
                (flags & TO) != 0,
                (flags & FROM) != 0,
                (flags & ASKED) != 0,
                (flags & APPROVED) != 0,
                in.list(ValueReader::text));
    }
}
