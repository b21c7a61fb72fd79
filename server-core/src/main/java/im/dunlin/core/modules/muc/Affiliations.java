// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Nickname;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.Values;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who is what to a room. Immutable; whoever is not in it is nothing to the room. */
final class Affiliations {
    static final Affiliations NONE = new Affiliations(Map.of());

    /**
     * @param nick that nobody else may have; null without one
     * @param reason that was given for it; null without one
     */
    record Entry(
            Affiliation affiliation,
            @Nullable String nick,
            @Nullable String reason) {
        static final ValueCodec<Entry> CODEC = Values.versioned(
                1,
                (out, entry) -> out.u8(entry.affiliation.code())
                        .nullableText(entry.nick)
                        .nullableText(entry.reason),
                in -> new Entry(Affiliation.of(in.u8()), in.nullableText(), in.nullableText()));
    }

    private final Map<BareJid, Entry> entries;

    Affiliations(Map<BareJid, Entry> entries) {
        this.entries = new LinkedHashMap<>(entries);
    }

    /** Of an account, or else of its whole domain. */
    Affiliation of(BareJid account) {
        Entry entry = entries.get(account);
        if (entry == null) {
            entry = entries.get(account.domainJid());
        }
        return entry == null ? Affiliation.NONE : entry.affiliation();
    }

    @Nullable
    Entry entry(BareJid account) {
        return entries.get(account);
    }

    List<Map.Entry<BareJid, Entry>> all(Affiliation affiliation) {
        return entries.entrySet().stream()
                .filter(entry -> entry.getValue().affiliation() == affiliation)
                .toList();
    }

    /** Whose the nickname is; null if it is nobody's. @param comparable as {@link Nickname#comparable} gave it */
    @Nullable
    BareJid ownerOf(String comparable) {
        for (Map.Entry<BareJid, Entry> each : entries.entrySet()) {
            String nick = each.getValue().nick();
            if (nick != null && comparable.equals(Nickname.comparable(nick))) {
                return each.getKey();
            }
        }
        return null;
    }

    /** @param entry null for none */
    Affiliations with(BareJid account, @Nullable Entry entry) {
        Map<BareJid, Entry> changed = new LinkedHashMap<>(entries);
        if (entry == null) {
            changed.remove(account);
        } else {
            changed.put(account, entry);
        }
        return new Affiliations(changed);
    }

    int count() {
        return entries.size();
    }

    /** Whether nobody but this one owns the room. */
    boolean isOnlyOwner(BareJid account) {
        List<Map.Entry<BareJid, Entry>> owners = all(Affiliation.OWNER);
        return owners.size() == 1 && owners.get(0).getKey().equals(account);
    }
}
