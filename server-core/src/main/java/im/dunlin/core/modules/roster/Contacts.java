// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.storage.Row;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import java.util.List;

/**
 * Contacts of an account with a subscription, so that a broadcast does not read the roster. Every account with a session keeps
 * its own, so they are kept as bytes, a fifth of what addresses would take.
 */
final class Contacts {
    private static final int TO = 1;
    private static final int FROM = 2;

    private record Contact(int flags, String jid) {}

    private final byte[] bytes;

    private Contacts(byte[] bytes) {
        this.bytes = bytes;
    }

    static Contacts of(List<Row<BareJid, RosterItem>> roster) {
        ValueWriter out = new ValueWriter(1);
        List<Row<BareJid, RosterItem>> subscribed =
                roster.stream().filter(row -> flags(row.value()) != 0).toList();
        out.list(subscribed, (o, row) -> o.u8(flags(row.value())).text(row.key().toString()));
        return new Contacts(out.toBytes());
    }

    private static int flags(RosterItem item) {
        return (item.to() ? TO : 0) | (item.from() ? FROM : 0);
    }

    /** Those that get the account's presence. */
    List<BareJid> subscribers() {
        return with(FROM);
    }

    /** Those whose presence the account gets. */
    List<BareJid> subscriptions() {
        return with(TO);
    }

    private List<BareJid> with(int flag) {
        return new ValueReader(bytes)
                .list(in -> new Contact(in.u8(), in.text())).stream()
                        .filter(contact -> (contact.flags() & flag) != 0)
                        .map(contact -> (BareJid) Jid.prepared(contact.jid()))
                        .toList();
    }
}
