// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import org.jspecify.annotations.Nullable;

/** An invitation to a group of Xabber's kind, which the group itself or one of its members sends. */
public final class GroupInvitation {
    public static final String NAMESPACE = "https://xabber.com/protocol/groups#invite";

    private static final Name INVITE = Name.of(NAMESPACE, "invite");

    private GroupInvitation() {}

    /** The group that a message invites to; null if it invites to none. */
    public static @Nullable BareJid group(Message message) {
        Element invite = message.payload().has(INVITE) ? message.payload().first(INVITE) : null;
        String jid = invite == null ? null : invite.attr("jid");
        if (jid == null) {
            return null;
        }
        try {
            return Jid.parse(jid).bare();
        } catch (JidException e) {
            return null;
        }
    }

    /** Whether it invites to a group that did not send it. */
    static boolean isToAnother(Message message) {
        BareJid group = group(message);
        Jid from = message.from();
        return group != null && from != null && !group.equals(from.bare());
    }
}
