// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.storage.Direction;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Keys;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Range;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Scan;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a roster.
 *
 * <pre>
 * roster            contact  → item, with the version of its last change
 * roster-changes    version  → contact that is in the roster and last changed so
 * roster-removals   version  → contact that was removed
 * roster-head       ·        → version, floor, counts
 * requests          contact  → request that waits for the user's answer
 * requests-by-age   stamp    → contact
 * </pre>
 *
 * A version is a stamp of the account's clock. What changed since one is the rows of the two indexes above it: an item has one
 * row in {@code roster-changes}, removals are kept up to a number, and who knows only an older version than the floor gets
 * the whole roster.
 */
final class Roster {
    /** Removals above which the older half is forgotten. */
    static final int MAX_REMOVALS = 500;

    /** Changes above which a whole roster is the better answer. */
    static final int MAX_DELTA = 500;

    private static final KeyCodec<BareJid> CONTACT = new KeyCodec<>() {
        @Override
        public void write(BareJid key, KeyWriter out) {
            out.text(key.toString());
        }

        @Override
        public BareJid read(KeyReader in) {
            return Jid.of(in.text()).bare();
        }
    };

    private static final ValueCodec<BareJid> JID =
            Values.versioned(1, (ValueWriter out, BareJid jid) -> out.text(jid.toString()), Roster::readJid);

    static final TableSpec<BareJid, RosterItem> ITEMS =
            new TableSpec<>("roster", Shape.POINT, CONTACT, RosterItem.CODEC);
    static final TableSpec<Long, BareJid> CHANGES = new TableSpec<>("roster-changes", Shape.POINT, Keys.NUMBER, JID);
    static final TableSpec<Long, BareJid> REMOVALS = new TableSpec<>("roster-removals", Shape.POINT, Keys.NUMBER, JID);
    static final TableSpec<Keys.Single, RosterHead> HEADS =
            new TableSpec<>("roster-head", Shape.POINT, Keys.SINGLE, RosterHead.CODEC);
    static final TableSpec<BareJid, SubscriptionRequest> REQUESTS =
            new TableSpec<>("requests", Shape.POINT, CONTACT, SubscriptionRequest.CODEC);
    static final TableSpec<Long, BareJid> REQUESTS_BY_AGE =
            new TableSpec<>("requests-by-age", Shape.POINT, Keys.NUMBER, JID);

    private static final CacheKey<Contacts> CONTACTS = new CacheKey<>("roster.contacts");

    private final Setup setup;
    private final Table<BareJid, RosterItem> items;
    private final Table<Long, BareJid> changes;
    private final Table<Long, BareJid> removals;
    private final Table<Keys.Single, RosterHead> heads;
    private final Table<BareJid, SubscriptionRequest> requests;
    private final Table<Long, BareJid> requestsByAge;
    private final List<RosterView.RequestListener> listeners = new ArrayList<>();

    Roster(Setup setup) {
        this.setup = setup;
        items = setup.table(ITEMS);
        changes = setup.table(CHANGES);
        removals = setup.table(REMOVALS);
        heads = setup.table(HEADS);
        requests = setup.table(REQUESTS);
        requestsByAge = setup.table(REQUESTS_BY_AGE);
    }

    private static BareJid readJid(ValueReader in) {
        return Jid.of(in.text()).bare();
    }

    // ---- items
    // -------------------------------------------------------------------------------------------------------

    RosterHead head(Turn turn) {
        return Objects.requireNonNullElse(turn.get(heads, Keys.Single.ROW), RosterHead.EMPTY);
    }

    /** The head with its bytes, of a roster that an older version may have written. */
    private RosterHead counted(Turn turn) {
        RosterHead head = head(turn);
        return head.bytes() != RosterHead.UNKNOWN
                ? head
                : head.counted(all(turn).stream()
                        .mapToInt(row -> row.value().size(row.key()))
                        .sum());
    }

    /** Who is in a subscription, kept for as long as the account has sessions. */
    Contacts contacts(Turn turn) {
        Contacts contacts = turn.cached(CONTACTS, () -> Contacts.of(all(turn)));
        if (turn.sessions().isEmpty()) {
            turn.forget(CONTACTS);
        }
        return contacts;
    }

    @Nullable
    RosterItem get(BareJid contact, Turn turn) {
        return turn.get(items, contact);
    }

    List<Row<BareJid, RosterItem>> all(Turn turn) {
        return first(Integer.MAX_VALUE, turn);
    }

    List<Row<BareJid, RosterItem>> first(int most, Turn turn) {
        return turn.scan(items, Range.all(), Direction.FORWARD, most);
    }

    /**
     * Adds or changes an item.
     *
     * @return the item with its new version
     * @throws im.dunlin.core.stanza.StanzaException {@code resource-constraint} if it makes a full roster larger
     */
    RosterItem put(BareJid contact, RosterItem item, Turn turn) {
        RosterHead head = counted(turn);
        RosterItem before = get(contact, turn);
        AccountLimits limits = setup.config().host(turn.jid().domain()).limits();
        int moreBytes = item.size(contact) - (before == null ? 0 : before.size(contact));
        if (before == null && head.items() >= limits.rosterItems()
                || moreBytes > 0 && head.bytes() + moreBytes > limits.rosterBytes()) {
            throw StanzaError.resourceConstraint("the roster is full").toException();
        }
        RosterItem stored = item.with(turn.stamp());
        if (before != null) {
            turn.delete(changes, before.version());
        }
        turn.put(items, contact, stored);
        turn.put(changes, stored.version(), contact);
        turn.put(heads, Keys.Single.ROW, head.changed(stored.version(), before == null ? 1 : 0, 0, moreBytes));
        turn.forget(CONTACTS);
        return stored;
    }

    /** @return the roster's version without the item */
    long remove(BareJid contact, RosterItem item, Turn turn) {
        long version = turn.stamp();
        turn.delete(items, contact);
        turn.delete(changes, item.version());
        turn.put(removals, version, contact);
        RosterHead head = counted(turn).changed(version, -1, 1, -item.size(contact));
        turn.forget(CONTACTS);
        if (head.removals() > MAX_REMOVALS) {
            List<Row<Long, BareJid>> oldest = turn.scan(removals, Range.all(), Direction.FORWARD, MAX_REMOVALS / 2);
            oldest.forEach(row -> turn.delete(removals, row.key()));
            head = head.forgotten(oldest.size(), oldest.get(oldest.size() - 1).key());
        }
        turn.put(heads, Keys.Single.ROW, head);
        return version;
    }

    /**
     * A contact that changed.
     *
     * @param item null if it was removed
     */
    record Change(long version, BareJid contact, @Nullable RosterItem item) {}

    /** What changed since this version, oldest first; null if the whole roster must or had better be given. */
    @Nullable
    List<Change> since(long version, Turn turn) {
        RosterHead head = head(turn);
        if (version < head.floor()
                || version > head.version()
                || version == 0
                || setup.epochs().stream().anyMatch(epoch -> epoch.covers(version))) {
            return null;
        }
        TreeMap<Long, Change> found = new TreeMap<>();
        for (Row<Long, BareJid> row :
                turn.scan(changes, Range.<Long>all().above(version), Direction.FORWARD, MAX_DELTA)) {
            found.put(row.key(), new Change(row.key(), row.value(), get(row.value(), turn)));
        }
        for (Row<Long, BareJid> row :
                turn.scan(removals, Range.<Long>all().above(version), Direction.FORWARD, MAX_DELTA)) {
            // Whoever came back after it was removed has a later row among the changes.
            if (get(row.value(), turn) == null) {
                found.put(row.key(), new Change(row.key(), row.value(), null));
            }
        }
        return found.size() >= MAX_DELTA ? null : new ArrayList<>(found.values());
    }

    void forEach(OwnerKey account, Reader reader, BiConsumer<BareJid, RosterItem> each) {
        try (Scan<BareJid, RosterItem> rows = reader.scan(items, account, Range.all(), Direction.FORWARD)) {
            rows.forEachRemaining(row -> each.accept(row.key(), row.value()));
        }
    }

    /** Nobody who knows an older version is told of changes since. */
    void forgetOlder(Turn turn) {
        RosterHead head = head(turn);
        turn.put(heads, Keys.Single.ROW, head.forgotten(0, head.version()));
    }

    // ---- requests
    // ----------------------------------------------------------------------------------------------------

    SubscriptionState state(BareJid contact, @Nullable RosterItem item, Turn turn) {
        return Objects.requireNonNullElse(item, RosterItem.NEW).state(turn.get(requests, contact) != null);
    }

    List<Row<BareJid, SubscriptionRequest>> requests(Turn turn) {
        return turn.scan(requests, Range.all(), Direction.FORWARD, Integer.MAX_VALUE);
    }

    void follow(RosterView.RequestListener listener) {
        listeners.add(listener);
    }

    @Nullable
    SubscriptionRequest request(BareJid contact, OwnerKey account, Reader reader) {
        return reader.get(requests, account, contact);
    }

    /** Oldest first. */
    void forEachRequest(OwnerKey account, Reader reader, BiConsumer<BareJid, SubscriptionRequest> each) {
        try (Scan<Long, BareJid> rows = reader.scan(requestsByAge, account, Range.all(), Direction.FORWARD)) {
            rows.forEachRemaining(
                    row -> each.accept(row.value(), Objects.requireNonNull(request(row.value(), account, reader))));
        }
    }

    /** Keeps the newest request of a contact; too many push out the oldest. */
    void addRequest(BareJid contact, SubscriptionRequest request, Turn turn) {
        SubscriptionRequest before = take(contact, turn);
        RosterHead head = head(turn);
        if (head.requests() >= setup.config().host(turn.jid().domain()).limits().pendingRequests()) {
            for (Row<Long, BareJid> oldest : turn.scan(requestsByAge, Range.all(), Direction.FORWARD, 1)) {
                removeRequest(oldest.value(), turn);
            }
            head = head(turn);
        }
        turn.put(requests, contact, request);
        turn.put(requestsByAge, request.stamp(), contact);
        turn.put(heads, Keys.Single.ROW, head.requests(1));
        if (before == null || !before.payload().equals(request.payload())) {
            listeners.forEach(listener -> listener.asked(contact, request.stamp(), turn));
        }
    }

    void removeRequest(BareJid contact, Turn turn) {
        if (take(contact, turn) != null) {
            listeners.forEach(listener -> listener.answered(contact, turn));
        }
    }

    private @Nullable SubscriptionRequest take(BareJid contact, Turn turn) {
        SubscriptionRequest request = turn.get(requests, contact);
        if (request != null) {
            turn.delete(requests, contact);
            turn.delete(requestsByAge, request.stamp());
            turn.put(heads, Keys.Single.ROW, head(turn).requests(-1));
        }
        return request;
    }
}
