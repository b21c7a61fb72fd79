// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.invitations;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import org.jspecify.annotations.Nullable;

/**
 * What somebody may do who has the link. Kept for a while after it was used, so that it can be said who invited whom, and so that
 * nobody invites crowds.
 *
 * @param host that it is for
 * @param username the only name under which one may register; null for any
 * @param expires microseconds since 1970
 * @param takenBy who uses it, from the moment when an account is being made by it; nobody else can then
 * @param used whether that has come to an end
 */
record Invitation(
        String host,
        @Nullable String username,
        Purpose purpose,
        long expires,
        @Nullable BareJid takenBy,
        boolean used) {
    /** Format 1: host, name, purpose, expiry, who took it, whether it is used. */
    static final ValueCodec<Invitation> CODEC = Values.versioned(1, Invitation::write, Invitation::read);

    boolean isFor(BareJid somebody) {
        return !used && (takenBy == null || takenBy.equals(somebody));
    }

    Invitation takenBy(@Nullable BareJid somebody) {
        return new Invitation(host, username, purpose, expires, somebody, false);
    }

    Invitation usedBy(BareJid somebody) {
        return new Invitation(host, username, purpose, expires, somebody, true);
    }

    private static void write(ValueWriter out, Invitation invitation) {
        out.text(invitation.host)
                .nullableText(invitation.username)
                .u8(invitation.purpose.code())
                .varint(invitation.expires)
                .nullableText(invitation.takenBy == null ? null : invitation.takenBy.toString())
                .u8(invitation.used ? 1 : 0);
    }

    private static Invitation read(ValueReader in) {
        String host = in.text();
        String username = in.nullableText();
        Purpose purpose = Purpose.of(in.u8());
        long expires = in.varint();
        String takenBy = in.nullableText();
        return new Invitation(
                host,
                username,
                purpose,
                expires,
                takenBy == null ? null : (BareJid) Jid.prepared(takenBy),
                in.u8() == 1);
    }
}
