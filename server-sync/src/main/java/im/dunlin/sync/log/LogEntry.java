// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An archived message. Its id is the key of its row.
 *
 * @param conversation the number of its conversation
 * @param outbound whether the account sent it
 * @param state what is left of it
 * @param received microseconds since 1970 by the wall clock; the id when the clock never stepped back
 * @param changed the clock when it was last edited or retracted; 0 if never
 * @param foreignId the id that the peer's archive gave it, as far as the message said
 * @param originId the id that the sending client gave it (XEP-0359)
 * @param message as it was sent or received, without what the server added for the account; what an edit made of it
 * @param rewrites the entry that this message edits or retracts (XEP-0308, XEP-0424); 0 for a message of its own
 * @param rewrittenBy the newest entry that does so with this one; 0 if there is none
 */
public record LogEntry(
        long conversation,
        ConversationType type,
        boolean outbound,
        State state,
        long received,
        long changed,
        @Nullable String foreignId,
        @Nullable String originId,
        Message message,
        long rewrites,
        long rewrittenBy) {
    /** What a row costs beside its payload: keys, header, index rows. */
    private static final int OVERHEAD = 300;

    /** What the place of an entry costs that is gone: its key and its header. */
    static final int PLACE_BYTES = 150;

    /** What is left of a message. */
    public enum State {
        KEPT,
        /** Its author took it back. Its content is gone, and who reads the archive is told so (XEP-0424 tombstones). */
        RETRACTED,
        /** Nobody is shown it any more; its id still marks a place in the archive. */
        GONE
    }

    /** A message as it came. */
    static LogEntry of(
            ConversationHead head,
            ConversationType type,
            boolean outbound,
            long received,
            @Nullable String foreignId,
            @Nullable String originId,
            Message message,
            long rewrites) {
        return new LogEntry(
                head.number(),
                type,
                outbound,
                State.KEPT,
                received,
                0,
                foreignId,
                originId,
                message.withAdditions(List.of()),
                rewrites,
                0);
    }

    /** The other end; the account itself for a note to itself. */
    public BareJid peer(BareJid account) {
        Jid peer = outbound ? message.to() : message.from();
        return peer == null ? account : peer.bare();
    }

    public ConversationKey key(BareJid account) {
        return new ConversationKey(peer(account), type);
    }

    /** Whether the account itself wrote it. */
    public boolean isOwn(BareJid account) {
        return outbound || peer(account).equals(account);
    }

    /** Whether it is there for everybody to see. */
    public boolean isKept() {
        return state == State.KEPT;
    }

    /** The message with the ids that the archives of the account and of the peer gave it (XEP-0359). */
    public Message identified(BareJid account, long id) {
        List<Element> additions = new ArrayList<>(message.additions());
        additions.add(0, new StanzaId(ArchiveId.format(id), account).element());
        BareJid peer = peer(account);
        if (foreignId != null && StanzaId.find(message.payload(), peer) == null) {
            additions.add(new StanzaId(foreignId, peer).element());
        }
        return message.withAdditions(additions);
    }

    /** The stanza's own id attribute. */
    public @Nullable String stanzaId() {
        return message.id();
    }

    /** The change stamp that the conversation's digest counts it with. */
    long changedOr(long id) {
        return changed == 0 ? id : changed;
    }

    /** What it counts towards the quota. */
    public long bytes() {
        return state == State.GONE ? PLACE_BYTES : OVERHEAD + message.payload().size();
    }

    /** As the peer's archive knows it. */
    LogEntry withForeignId(@Nullable String id) {
        return new LogEntry(
                conversation, type, outbound, state, received, changed, id, originId, message, rewrites, rewrittenBy);
    }

    /** Its place, and nothing else. */
    LogEntry gone() {
        return rewritten(State.GONE, Payload.EMPTY, changed, 0);
    }

    LogEntry rewritten(State state, Payload payload, long version, long by) {
        return new LogEntry(
                conversation,
                type,
                outbound,
                state,
                received,
                version,
                foreignId,
                originId,
                message.withPayload(payload),
                rewrites,
                by);
    }
}
