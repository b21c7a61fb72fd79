// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.OriginId;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.sync.log.LogTables.Lookup;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** By which ids, other than the archive's, an entry can be found, and in which rows. */
final class Lookups {
    /** Longer ids are kept in their message but cannot be looked for. */
    private static final int MAX_ID = 1024;

    private Lookups() {}

    /** The rows of an entry: one for each distinct text, which with most clients is one. */
    static Map<Lookup, Integer> of(LogEntry entry, BareJid peer, long id) {
        boolean foreign = isKnownByForeignId(entry.message(), peer);
        Map<Lookup, Integer> rows = new LinkedHashMap<>(4);
        for (IdKind kind : IdKind.values()) {
            String text = kind == IdKind.FOREIGN && !foreign ? null : id(entry, kind);
            if (text != null) {
                rows.merge(new Lookup(hash(entry.outbound(), peer, text), id), kind.bit(), (a, b) -> a | b);
            }
        }
        return rows;
    }

    static @Nullable String id(LogEntry entry, IdKind kind) {
        return switch (kind) {
            case ORIGIN -> entry.originId();
            case STANZA -> indexable(entry.stanzaId());
            case FOREIGN -> entry.foreignId();
        };
    }

    static @Nullable String foreignId(Message message, BareJid peer) {
        StanzaId theirs = StanzaId.find(message.content(), peer);
        return theirs == null ? null : indexable(theirs.id());
    }

    static @Nullable String indexable(@Nullable String id) {
        return id == null || id.isEmpty() || id.length() > MAX_ID ? null : id;
    }

    /**
     * Whether the peer's archive id has a look-up. Other servers and rooms name messages by it. An account of this server names
     * the message's own id beside it, so that only messages without one need a row more.
     */
    private static boolean isKnownByForeignId(Message message, BareJid peer) {
        return StanzaId.find(message.payload(), peer) != null
                || message.id() == null && OriginId.find(message.payload()) == null;
    }

    /** Whether the peer's id for it can become known without a row more. */
    static boolean mayBeNamedLater(LogEntry entry, BareJid account) {
        return !isKnownByForeignId(entry.message(), entry.peer(account));
    }

    /**
     * Of peer, direction and id: the first eight bytes of SHA-256. So nobody can choose ids which share rows with another peer's,
     * nor hide the account's own messages behind later ones with their ids.
     */
    static long hash(boolean outbound, BareJid peer, String id) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(peer.toString().getBytes(StandardCharsets.UTF_8));
            // No JID contains either, so peer and id cannot run into each other.
            sha.update((byte) (outbound ? 1 : 0));
            return ByteBuffer.wrap(sha.digest(id.getBytes(StandardCharsets.UTF_8)))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
