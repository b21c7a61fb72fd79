// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.inbox;

import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.sync.log.ArchiveId;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks its inbox for.
 *
 * @param unreadOnly leaves out what was read
 * @param messages whether each entry comes with its last message
 * @param below only chats whose last activity was before this, by the account's clock
 * @param above only chats whose last activity was after this
 * @param backward whether the oldest of these are meant
 */
record InboxQuery(boolean unreadOnly, boolean messages, int max, long below, long above, boolean backward) {
    static final String NAMESPACE = "urn:xmpp:inbox:1";
    static final Name INBOX = Name.of(NAMESPACE, "inbox");

    static InboxQuery parse(Element inbox, AccountLimits limits) {
        PageRequest page =
                PageRequest.parse(inbox.first(PageRequest.SET), limits.archivePage(), limits.archivePageMax());
        String before = page.before();
        return new InboxQuery(
                inbox.optionalBoolean("unread-only", false),
                inbox.optionalBoolean("messages", true),
                page.max(),
                place(page.after(), Long.MAX_VALUE),
                place(before == null || before.isEmpty() ? null : before, 0),
                page.isBackward());
    }

    /** A chat that got a message since has another place, so that its old one need not be anybody's. */
    private static long place(@Nullable String text, long absent) {
        if (text == null) {
            return absent;
        }
        Long place = ArchiveId.parse(text);
        if (place == null) {
            throw StanzaError.itemNotFound().toException();
        }
        return place;
    }
}
