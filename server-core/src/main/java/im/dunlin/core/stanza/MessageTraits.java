// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;

/**
 * What a message is, judged once: archive, carbons, client state, push and sync all ask this.
 *
 * <p>Made from the table of contents without opening a child, but for {@code muc#user}, whose meaning is
 * inside. Says what a message carries; what follows from it is the asker's.
 */
public record MessageTraits(int bits) {
    private static final int BODY = 1;
    private static final int ENCRYPTED = 1 << 1;
    private static final int CHAT_STATE = 1 << 2;
    private static final int MARKER = 1 << 3;
    private static final int RECEIPT = 1 << 4;
    private static final int RECEIPT_REQUEST = 1 << 5;
    private static final int CALL = 1 << 6;
    private static final int CORRECTION = 1 << 7;
    private static final int RETRACTION = 1 << 8;
    private static final int REACTION = 1 << 9;
    private static final int STORE = 1 << 10;
    private static final int NO_STORE = 1 << 11;
    private static final int NO_PERMANENT_STORE = 1 << 12;
    private static final int NO_COPY = 1 << 13;
    private static final int PRIVATE = 1 << 14;
    private static final int MUC_USER = 1 << 15;
    private static final int WRAPPER = 1 << 16;
    private static final int SUBJECT = 1 << 17;
    private static final int DIRECT_INVITE = 1 << 18;
    private static final int MEDIATED_INVITE = 1 << 19;
    private static final int PUBSUB_EVENT = 1 << 20;
    private static final int ATTACHMENT = 1 << 21;
    private static final int DELAYED = 1 << 22;
    private static final int OTHER = 1 << 23;
    private static final int THREAD = 1 << 24;
    private static final int MARKABLE = 1 << 25;
    private static final int GROUP_INVITE = 1 << 26;

    private static final Name X_MUC_USER = Name.of(Ns.MUC_USER, "x");
    private static final Name INVITE = Name.of(Ns.MUC_USER, "invite");

    public static MessageTraits of(Message message) {
        int bits = 0;
        for (Name child : message.payload().names()) {
            bits |= bitsOf(child);
        }
        if ((bits & MUC_USER) != 0) {
            Element x = message.payload().first(X_MUC_USER);
            if (x != null && x.has(INVITE)) {
                bits |= MEDIATED_INVITE;
            }
        }
        return new MessageTraits(bits);
    }

    private static int bitsOf(Name child) {
        String local = child.local();
        return switch (child.namespace()) {
            case Ns.CLIENT ->
                switch (local) {
                    case "body" -> BODY;
                    case "subject" -> SUBJECT;
                    case "thread" -> THREAD;
                    default -> OTHER;
                };
            case Ns.CHAT_STATES -> CHAT_STATE;
            case Ns.CHAT_MARKERS -> local.equals("markable") ? MARKABLE : MARKER;
            case Ns.RECEIPTS -> local.equals("received") ? RECEIPT : RECEIPT_REQUEST;
            case Ns.HINTS ->
                switch (local) {
                    case "store" -> STORE;
                    case "no-store", "no-storage" -> NO_STORE;
                    case "no-permanent-store", "no-permanent-storage" -> NO_PERMANENT_STORE;
                    case "no-copy" -> NO_COPY;
                    default -> 0;
                };
            case Ns.CARBONS -> local.equals("private") ? PRIVATE : WRAPPER;
            case Ns.FORWARD, Ns.MAM -> WRAPPER;
            case Ns.MUC_USER -> MUC_USER;
            case Ns.CONFERENCE -> DIRECT_INVITE;
            case Ns.CORRECTION -> CORRECTION;
            case Ns.RETRACTION, "urn:xmpp:message-retract:0" -> local.equals("retract") ? RETRACTION : OTHER;
            case Ns.REACTIONS -> REACTION;
            case Ns.DELAY -> DELAYED;
            case Ns.CALLS -> CALL;
            case Ns.STANZA_ID -> 0;
            case "http://jabber.org/protocol/pubsub#event" -> PUBSUB_EVENT;
            case "https://xabber.com/protocol/groups#invite" -> local.equals("invite") ? GROUP_INVITE : OTHER;
            // XEP-0384 in its versions, XEP-0373, XEP-0027.
            case "eu.siacs.conversations.axolotl", "urn:xmpp:omemo:1", "urn:xmpp:omemo:2" ->
                local.equals("encrypted") ? ENCRYPTED : OTHER;
            case "urn:xmpp:openpgp:0" -> local.equals("openpgp") ? ENCRYPTED : OTHER;
            case "jabber:x:encrypted" -> ENCRYPTED;
            // XEP-0447 Stateless file sharing, XEP-0066 Out of Band Data.
            case "urn:xmpp:sfs:0", "jabber:x:oob" -> ATTACHMENT;
            default -> child.namespace().startsWith("urn:xmpp:jingle-message:") ? CALL : OTHER;
        };
    }

    private boolean any(int mask) {
        return (bits & mask) != 0;
    }

    public boolean hasBody() {
        return any(BODY);
    }

    /** XEP-0384, XEP-0373 or XEP-0027. */
    public boolean isEncrypted() {
        return any(ENCRYPTED);
    }

    /** Something for a person: a body, an encrypted one, or a file. */
    public boolean hasContent() {
        return any(BODY | ENCRYPTED | ATTACHMENT);
    }

    /**
     * Whether the server keeps it: in archives, and on its way between two accounts. What a person will look for later is
     * kept, and everything that changes such a thing; XEP-0334 hints decide the rest (XEP-0313 section 5.1.1).
     */
    public boolean isStored(Message.Type type) {
        if (type == Message.Type.ERROR || type == Message.Type.HEADLINE || type == Message.Type.GROUPCHAT) {
            return false;
        }
        if (any(NO_STORE | NO_PERMANENT_STORE | WRAPPER | PUBSUB_EVENT)) {
            return false;
        }
        int kept = BODY | ENCRYPTED | ATTACHMENT | MARKER | RECEIPT | CALL | CORRECTION | RETRACTION | REACTION;
        return any(kept | STORE | DIRECT_INVITE | MEDIATED_INVITE | GROUP_INVITE);
    }

    /** Whether a room keeps it, and shows it to those who come later: as {@link #isStored}, without what tells of one reader. */
    public boolean isStoredInRoom() {
        return !any(NO_STORE | NO_PERMANENT_STORE | WRAPPER | PUBSUB_EVENT)
                && any(BODY | ENCRYPTED | ATTACHMENT | CORRECTION | RETRACTION | REACTION | STORE);
    }

    public boolean hasSubject() {
        return any(SUBJECT);
    }

    /** A subject and no body: the change of a room's subject (XEP-0045 section 8.1). */
    public boolean isSubjectChange() {
        return any(SUBJECT) && !any(BODY | ENCRYPTED | THREAD);
    }

    /** XEP-0085, beside whatever else. */
    public boolean hasChatState() {
        return any(CHAT_STATE);
    }

    /** A chat state and nothing that would matter later. */
    public boolean isChatStateOnly() {
        int beside = NO_STORE | NO_PERMANENT_STORE | NO_COPY | THREAD;
        return any(CHAT_STATE) && !any(~(CHAT_STATE | beside));
    }

    /** XEP-0333: a marker that tells, not the request for one. */
    public boolean isMarker() {
        return any(MARKER);
    }

    /** XEP-0333: asks for markers. */
    public boolean isMarkable() {
        return any(MARKABLE);
    }

    /** XEP-0184: tells that a message arrived. */
    public boolean isReceipt() {
        return any(RECEIPT);
    }

    /** XEP-0184: asks to be told. */
    public boolean requestsReceipt() {
        return any(RECEIPT_REQUEST);
    }

    /** XEP-0353, any version, or what the server says of a call. */
    public boolean isCall() {
        return any(CALL);
    }

    /** XEP-0308. */
    public boolean isCorrection() {
        return any(CORRECTION);
    }

    /** XEP-0424. */
    public boolean isRetraction() {
        return any(RETRACTION);
    }

    /** XEP-0444. */
    public boolean isReaction() {
        return any(REACTION);
    }

    /** XEP-0334. */
    public boolean asksStore() {
        return any(STORE);
    }

    /** XEP-0334: not into any archive, offline storage included. */
    public boolean forbidsStore() {
        return any(NO_STORE);
    }

    /** XEP-0334: not into the archive, but offline storage may keep it until delivered. */
    public boolean forbidsPermanentStore() {
        return any(NO_STORE | NO_PERMANENT_STORE);
    }

    /** XEP-0334 no-copy or XEP-0280 private. */
    public boolean forbidsCopy() {
        return any(NO_COPY | PRIVATE);
    }

    /** XEP-0280 section 9. */
    public boolean isPrivate() {
        return any(PRIVATE);
    }

    /** XEP-0045: carries what a room tells its occupants, or a mediated invitation. */
    public boolean isMucUser() {
        return any(MUC_USER);
    }

    /** XEP-0249, XEP-0045 section 7.8.2, or to a group of Xabber's kind. */
    public boolean isInvite() {
        return any(DIRECT_INVITE | MEDIATED_INVITE | GROUP_INVITE);
    }

    /** XEP-0045 section 7.8.2: relayed by the room. */
    public boolean isMediatedInvite() {
        return any(MEDIATED_INVITE);
    }

    /** XEP-0060 section 7.1.2.1. */
    public boolean isPubsubEvent() {
        return any(PUBSUB_EVENT);
    }

    /** Carries another stanza: carbon, forwarded, archive result. */
    public boolean isWrapper() {
        return any(WRAPPER);
    }

    /** XEP-0203. */
    public boolean isDelayed() {
        return any(DELAYED);
    }
}
