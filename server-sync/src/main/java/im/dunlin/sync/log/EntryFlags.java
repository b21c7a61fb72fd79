// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.MessageTraits;
import im.dunlin.core.xml.Name;

/** What the index of a conversation says of an entry, so that counting and looking back open no message. */
public record EntryFlags(int bits) {
    /** Raises the unread count. */
    private static final int COUNTS = 1;

    private static final int TEXT = 1 << 1;

    /** May stand for the conversation in a list. */
    private static final int SHOWN = 1 << 2;

    private static final int TOMBSTONE = 1 << 3;
    private static final int OUTBOUND = 1 << 4;

    /** The peer's side refused it, so that sending it again is no repetition. */
    private static final int REFUSED = 1 << 5;

    /** Names the user, and counts. */
    private static final int MENTION = 1 << 6;

    static final int KNOWN = (1 << 7) - 1;

    private static final Name SYSTEM_MESSAGE = Name.of(ConversationType.GROUP_SYSTEM_MESSAGE, "x");

    /**
     * @param own whether the account is the author, on whichever way the message came into the log
     * @param rewrites whether it edits or retracts another entry, or one that is gone
     */
    static EntryFlags of(Message message, MessageTraits traits, boolean outbound, boolean own, boolean rewrites) {
        int bits = outbound ? OUTBOUND : 0;
        if (traits.hasBody()) {
            bits |= TEXT;
        }
        // What changes another message may repeat its text for old clients; that is no second message. A correction of
        // nothing that is here is all there is to see of a message.
        boolean changesAnother = rewrites || traits.isRetraction() || traits.isReaction();
        boolean content = traits.hasContent() && !changesAnother && !traits.isInvite() && !traits.isCall();
        if (content || traits.isCall() && endsCall(message)) {
            bits |= SHOWN;
        }
        // What a group says itself, that somebody came or went, nobody has to read.
        if (content && !own && !message.payload().has(SYSTEM_MESSAGE)) {
            bits |= COUNTS;
        }
        return new EntryFlags(bits);
    }

    /** The last word of a call is the call's record (XEP-0353), or what the server says where there was none. */
    private static boolean endsCall(Message message) {
        for (Name child : message.payload().names()) {
            boolean ends = child.local().equals("reject")
                    || child.local().equals("retract")
                    || child.local().equals("finish");
            boolean missed = child.equals(MissedCall.NAME);
            if (missed || ends && child.namespace().startsWith("urn:xmpp:jingle-message:")) {
                return true;
            }
        }
        return false;
    }

    boolean counts() {
        return (bits & COUNTS) != 0;
    }

    boolean isShown() {
        return (bits & SHOWN) != 0;
    }

    boolean mentions() {
        return (bits & MENTION) != 0;
    }

    boolean isRefused() {
        return (bits & REFUSED) != 0;
    }

    /** Nothing is left to count or to show. */
    EntryFlags retracted() {
        return new EntryFlags(bits & ~(COUNTS | TEXT | SHOWN | MENTION) | TOMBSTONE);
    }

    /** The same, for a message that names the user or does not. One that does not count is no mention. */
    EntryFlags mentioning(boolean mentions) {
        return new EntryFlags(mentions && counts() ? bits | MENTION : bits & ~MENTION);
    }

    EntryFlags refused() {
        return new EntryFlags(bits | REFUSED);
    }
}
