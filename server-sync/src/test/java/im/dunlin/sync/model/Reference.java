// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.model;

import im.dunlin.core.jid.BareJid;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the archives and conversations of all accounts must be, kept in plain lists. Messages are named by the ids that clients give
 * them, and everything that happens by a number that grows.
 */
final class Reference {
    private static final long RINGING_SECONDS = 60;
    private static final long FOREVER = 3_170_980_000L;

    private final Map<BareJid, Account> accounts = new HashMap<>();
    private final List<Call> calls = new ArrayList<>();
    private long clock;

    Account account(BareJid jid) {
        return accounts.computeIfAbsent(jid, Account::new);
    }

    /** What a message is to its conversation. */
    enum Sort {
        TEXT,
        /** Says something of another message. */
        NOTE,
        /** Says something of a call. */
        WORD,
        /** The last word of a call. */
        LAST_WORD
    }

    static final class Entry {
        final String id;
        final boolean own;
        final Sort sort;
        String text;
        boolean retracted;

        Entry(String id, boolean own, Sort sort, String text) {
            this.id = id;
            this.own = own;
            this.sort = sort;
            this.text = text;
        }

        boolean isShown() {
            return !retracted && (sort == Sort.TEXT || sort == Sort.LAST_WORD);
        }

        boolean counts() {
            return !own && !retracted && sort == Sort.TEXT;
        }

        @Override
        public String toString() {
            return id + ":" + (retracted ? "RETRACTED" : text);
        }
    }

    final class Conversation {
        final TreeMap<Long, Entry> entries = new TreeMap<>();
        long order;
        boolean archived;
        boolean deleted;
        long pin;
        long mutedUntil;
        long read;

        @Nullable
        String delivered;

        @Nullable
        String displayed;

        long deliveredAt;
        long displayedAt;

        boolean isLive() {
            return order != 0 && !deleted;
        }

        boolean isMuted(Instant now) {
            return mutedUntil > now.getEpochSecond();
        }

        long unread() {
            return entries.tailMap(read, false).values().stream()
                    .filter(Entry::counts)
                    .count();
        }

        @Nullable
        Entry last() {
            return entries.descendingMap().values().stream()
                    .filter(Entry::isShown)
                    .findFirst()
                    .orElse(null);
        }
    }

    /** One account's side. */
    final class Account {
        final BareJid jid;
        final Map<ConversationKey, Conversation> conversations = new HashMap<>();
        /** What standard clients are not told of, so that each has what it has. */
        final Set<String> unsure = new HashSet<>();

        Account(BareJid jid) {
            this.jid = jid;
        }

        Conversation conversation(BareJid peer, ConversationType type) {
            return conversations.computeIfAbsent(new ConversationKey(peer, type), key -> new Conversation());
        }

        @Nullable
        Conversation with(String id) {
            return conversations.values().stream()
                    .filter(each -> at(each, id) != 0)
                    .findFirst()
                    .orElse(null);
        }

        private long at(Conversation conversation, String id) {
            return conversation.entries.entrySet().stream()
                    .filter(entry -> entry.getValue().id.equals(id))
                    .mapToLong(Map.Entry::getKey)
                    .findFirst()
                    .orElse(0);
        }

        @Nullable
        Entry find(String id) {
            Conversation conversation = with(id);
            return conversation == null ? null : conversation.entries.get(at(conversation, id));
        }

        /** Null unless it is there to be changed. */
        @Nullable
        Entry kept(String id) {
            Entry entry = find(id);
            return entry == null || entry.retracted ? null : entry;
        }

        /** Messages that are there, oldest first. */
        List<Entry> texts(boolean own) {
            TreeMap<Long, Entry> found = new TreeMap<>();
            conversations.values().forEach(conversation -> found.putAll(conversation.entries));
            found.values().removeIf(each -> each.retracted || each.sort != Sort.TEXT || each.own != own);
            return List.copyOf(found.values());
        }

        void add(BareJid peer, ConversationType type, Entry entry, Instant now) {
            Conversation conversation = conversation(peer, type);
            long at = ++clock;
            conversation.entries.put(at, entry);
            if (entry.isShown()) {
                conversation.order = at;
                conversation.deleted = false;
                conversation.archived &= conversation.isMuted(now);
                if (entry.own) {
                    conversation.read = at;
                }
            }
        }

        void forget(String id) {
            Conversation conversation = with(id);
            if (conversation != null) {
                conversation.entries.remove(at(conversation, id));
                unsure.add(id);
            }
        }

        void forgetAll(ConversationKey key) {
            Conversation conversation = conversations.get(key);
            if (conversation != null) {
                conversation.entries.values().forEach(entry -> unsure.add(entry.id));
                conversation.entries.clear();
            }
        }

        /** The archive has it no longer, since it is too old. */
        void prune(String id) {
            forget(id);
        }

        void read(String id) {
            Conversation conversation = with(id);
            if (conversation != null) {
                conversation.read = Math.max(conversation.read, at(conversation, id));
            }
        }

        void delivered(String id) {
            Conversation conversation = with(id);
            if (conversation != null && at(conversation, id) > conversation.deliveredAt) {
                conversation.deliveredAt = at(conversation, id);
                conversation.delivered = id;
            }
        }

        void displayed(String id) {
            Conversation conversation = with(id);
            if (conversation != null && at(conversation, id) > conversation.displayedAt) {
                conversation.displayedAt = at(conversation, id);
                conversation.displayed = id;
            }
        }

        void mute(Conversation conversation, long seconds, Instant now) {
            conversation.mutedUntil = now.getEpochSecond() + (seconds == 0 ? FOREVER : seconds);
        }

        void delete(Conversation conversation) {
            conversation.deleted = true;
            conversation.archived = false;
            conversation.pin = 0;
            conversation.order = ++clock;
            conversation.read = clock;
        }

        /** The offer that rings, the newest; null without. */
        @Nullable
        String offerOf(BareJid peer) {
            return calls.stream()
                    .filter(call -> call.callee.equals(jid) && call.caller.equals(peer) && call.state == State.OFFERED)
                    .map(call -> call.id)
                    .reduce((one, other) -> other)
                    .orElse(null);
        }

        /** Live conversations in the order of a list. */
        List<ConversationKey> listed() {
            return conversations.entrySet().stream()
                    .filter(each -> each.getValue().isLive())
                    .sorted(Comparator.comparingLong(each -> -each.getValue().order))
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }

    // ---- messages, on both sides
    // -------------------------------------------------------------------------------------

    void send(BareJid from, BareJid to, ConversationType type, String id, Sort sort, String text, Instant now) {
        account(from).add(to, type, new Entry(id, true, sort, text), now);
        if (!from.equals(to)) {
            account(to).add(from, type, new Entry(id, false, sort, text), now);
        }
    }

    /** To somebody who has blocked the sender. */
    void sendInVain(BareJid from, BareJid to, String id, String text, Instant now) {
        account(from).add(to, ConversationType.CHAT, new Entry(id, true, Sort.TEXT, text), now);
        // Its own devices know that it was refused, or not.
        account(from).unsure.add(id);
    }

    /** By a message that names another. Who does not have that one sees the message itself. */
    void correct(BareJid from, BareJid to, ConversationType type, String id, String target, String text, Instant now) {
        correct(account(from), to, type, id, target, text, true, now);
        if (!from.equals(to)) {
            correct(account(to), from, type, id, target, text, false, now);
        }
    }

    private static void correct(
            Account account,
            BareJid peer,
            ConversationType type,
            String id,
            String target,
            String text,
            boolean own,
            Instant now) {
        Entry entry = account.kept(target);
        if (entry != null) {
            entry.text = text;
        } else {
            account.unsure.add(target);
            account.unsure.add(id);
            account.add(peer, type, new Entry(id, own, Sort.TEXT, text), now);
        }
    }

    void takeBack(BareJid from, BareJid to, String id, String target, String text, Instant now) {
        takeBack(account(from), to, id, target, text, true, now);
        if (!from.equals(to)) {
            takeBack(account(to), from, id, target, text, false, now);
        }
    }

    private static void takeBack(
            Account account, BareJid peer, String id, String target, String text, boolean own, Instant now) {
        Entry entry = account.kept(target);
        if (entry != null) {
            entry.retracted = true;
        } else {
            account.add(peer, ConversationType.CHAT, new Entry(id, own, Sort.NOTE, text), now);
        }
    }

    // ---- calls
    // -------------------------------------------------------------------------------------------------------

    enum State {
        OFFERED,
        ANSWERED,
        ENDED
    }

    static final class Call {
        final String id;
        final BareJid caller;
        final BareJid callee;
        final boolean stored;
        final Instant until;
        State state = State.OFFERED;

        Call(String id, BareJid caller, BareJid callee, boolean stored, Instant now) {
            this.id = id;
            this.caller = caller;
            this.callee = callee;
            this.stored = stored;
            this.until = now.plusSeconds(RINGING_SECONDS);
        }
    }

    boolean isCalling(BareJid one, BareJid other) {
        return calls.stream()
                .anyMatch(call -> call.state != State.ENDED
                        && Set.of(call.caller, call.callee).equals(Set.of(one, other)));
    }

    List<Call> calls(BareJid account, boolean asCaller, Set<State> states) {
        return calls.stream()
                .filter(call -> states.contains(call.state))
                .filter(call -> (asCaller ? call.caller : call.callee).equals(account))
                .toList();
    }

    void propose(Call call, String id, Instant now) {
        calls.add(call);
        word(call, call.caller, id, Sort.WORD, now);
        Conversation conversation = account(call.callee).conversation(call.caller, ConversationType.CHAT);
        if (!conversation.isLive()) {
            conversation.order = ++clock;
            conversation.deleted = false;
            conversation.archived = false;
        }
    }

    /** To somebody whose own call at the same time goes on, so that this one does not ring. */
    void proposeInVain(Call call, String id, Instant now) {
        calls.add(call);
        word(call, call.caller, id, Sort.WORD, now);
    }

    /** It is over without a record. */
    void end(Call call) {
        call.state = State.ENDED;
    }

    /** Somebody says something of a call, which stands in the archives if its caller allowed that. */
    void word(Call call, BareJid by, String id, Sort sort, Instant now) {
        if (call.stored) {
            send(by, by.equals(call.caller) ? call.callee : call.caller, ConversationType.CHAT, id, sort, "", now);
        }
    }

    void retract(Call call, String id, Instant now) {
        call.state = State.ENDED;
        word(call, call.caller, id, Sort.LAST_WORD, now);
        if (!call.stored) {
            miss(call, now);
        }
    }

    private void miss(Call call, Instant now) {
        call.state = State.ENDED;
        account(call.callee)
                .add(call.caller, ConversationType.CHAT, new Entry(call.id, false, Sort.LAST_WORD, ""), now);
    }

    /** It has become later. */
    void pass(Instant now) {
        calls.stream()
                .filter(call -> call.state == State.OFFERED && !now.isBefore(call.until))
                .sorted(Comparator.comparing(call -> call.until))
                .forEach(call -> miss(call, now));
    }
}
