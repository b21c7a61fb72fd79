// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.blocking;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Owner;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.AccountPart;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Scan;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0191: Blocking Command.
 *
 * <pre>
 * blocked   slot · number · JID → nothing
 * </pre>
 *
 * To whom is blocked the account looks offline: its messages and questions are refused as if nobody were there, its presence
 * leads to nothing. Nothing of it reaches the stages behind the screens, so that it is not archived, copied or counted.
 */
public final class BlockingModule implements BlockingView {
    private static final String NS = "urn:xmpp:blocking";
    private static final Name BLOCKLIST = Name.of(NS, "blocklist");
    private static final Name BLOCK = Name.of(NS, "block");
    private static final Name UNBLOCK = Name.of(NS, "unblock");
    private static final Name ITEM = Name.of(NS, "item");
    private static final Element BLOCKED = Element.of(Name.of("urn:xmpp:blocking:errors", "blocked"));

    /** A session that asked for the list is told of its changes (§3.2). */
    private static final SessionKey<Boolean> INTERESTED = new SessionKey<>("blocking.interested");

    private static final CacheKey<Set<Jid>> LIST = new CacheKey<>("blocking.list");

    private static final TableSpec<String, Boolean> SPEC =
            new TableSpec<>("blocked", Shape.POINT, Keys.TEXT, Values.PRESENT);

    private final Setup setup;
    private final Table<String, Boolean> rows;
    private final List<Listener> listeners = new ArrayList<>();
    private final List<ReportListener> reportListeners = new ArrayList<>();

    public BlockingModule(Setup setup) {
        this.setup = setup;
        rows = setup.table(SPEC);
        setup.implementing(191, "1.3")
                .feature(NS, Addressee.SERVER)
                .provide(BlockingView.class, this)
                .keptAttribute(INTERESTED, Values.PRESENT)
                .iqGet(BLOCKLIST, Set.of(Addressee.OWN_ACCOUNT), this::list)
                .iqSet(BLOCK, Set.of(Addressee.OWN_ACCOUNT), this::block)
                .iqSet(UNBLOCK, Set.of(Addressee.OWN_ACCOUNT), this::unblock)
                .accountPart(new BlockedPart())
                .screen(this::screen);
    }

    // ---- the list
    // ----------------------------------------------------------------------------------------------------

    private Iq list(Iq iq, Turn turn) {
        ClientSession asker = turn.origin();
        if (asker != null) {
            turn.set(asker, INTERESTED, true);
        }
        return iq.result(element(BLOCKLIST, blocked(turn)));
    }

    private @Nullable Iq block(Iq iq, Turn turn) {
        Set<Jid> asked = items(iq.request());
        if (asked.isEmpty()) {
            throw StanzaError.badRequest("block needs an item").toException();
        }
        Set<Jid> added = add(asked, turn);
        listeners.forEach(listener -> listener.blocked(added, turn));
        iq.request()
                .children(ITEM)
                .forEach(item ->
                        reportListeners.forEach(listener -> listener.reported(item.requireJid("jid"), item, turn)));
        turn.answer(iq.result());
        push(element(BLOCK, asked), turn);
        return null;
    }

    private Set<Jid> add(Set<Jid> asked, Turn turn) {
        Set<Jid> blocked = new LinkedHashSet<>(blocked(turn));
        Set<Jid> added = new LinkedHashSet<>(asked);
        added.removeAll(blocked);
        blocked.addAll(added);
        int most = setup.config().host(turn.jid().domain()).limits().blocked();
        if (blocked.size() > most) {
            throw StanzaError.resourceConstraint("more than " + most + " blocked addresses")
                    .toException();
        }
        added.forEach(jid -> turn.put(rows, jid.toString(), true));
        turn.forget(LIST);
        return added;
    }

    private @Nullable Iq unblock(Iq iq, Turn turn) {
        Set<Jid> asked = items(iq.request());
        Set<Jid> freed = new LinkedHashSet<>(blocked(turn));
        if (!asked.isEmpty()) {
            freed.retainAll(asked);
        }
        freed.forEach(jid -> turn.delete(rows, jid.toString()));
        turn.forget(LIST);
        // Another entry may still cover what one of them did: who listens looks at the list that is left.
        listeners.forEach(listener -> listener.unblocked(freed, turn));
        turn.answer(iq.result());
        push(element(UNBLOCK, asked), turn);
        return null;
    }

    private static Set<Jid> items(Element list) {
        Set<Jid> jids = new LinkedHashSet<>();
        for (Element item : list.children(ITEM)) {
            jids.add(item.requireJid("jid"));
        }
        return jids;
    }

    private static Element element(Name name, Set<Jid> jids) {
        ElementBuilder list = Element.builder(name);
        jids.forEach(jid -> list.child(Element.of(ITEM).attr("jid", jid.toString())));
        return list.build();
    }

    private static void push(Element change, Turn turn) {
        for (ClientSession session : turn.sessions()) {
            if (turn.get(session, INTERESTED) != null) {
                turn.send(
                        session, Iq.set(session.jid(), turn.randomId(), change).withFrom(turn.jid()));
            }
        }
    }

    private Set<Jid> blocked(Turn turn) {
        return turn.cached(LIST, () -> {
            Set<Jid> blocked = new LinkedHashSet<>();
            for (Row<String, Boolean> row : turn.scan(rows, Range.all(), Direction.FORWARD, Integer.MAX_VALUE)) {
                blocked.add(Jid.prepared(row.key()));
            }
            return Set.copyOf(blocked);
        });
    }

    // ---- stanzas
    // -----------------------------------------------------------------------------------------------------

    private Verdict screen(Stanza stanza, Way way, Turn turn) {
        Jid peer = way == Way.OUTBOUND ? stanza.to() : stanza.from();
        if (peer == null || isUnread(stanza, way, turn) || !isBlocked(peer, turn)) {
            return Verdict.PASS;
        }
        if (way == Way.OUTBOUND) {
            // Who blocked a room must be able to leave it.
            return stanza instanceof Presence presence && presence.type() == Presence.Type.UNAVAILABLE
                    ? Verdict.PASS
                    : Verdict.bounce(StanzaError.notAcceptable(BLOCKED));
        }
        // Silence, not an error: to a blocked peer the user looks offline. And a room that heard an error would think
        // that it
        // is its occupant who cannot be reached (XEP-0045 §11.1), when another one was blocked.
        boolean isUnanswered = stanza instanceof Presence
                || stanza instanceof Message message && message.type() == Message.Type.GROUPCHAT;
        return isUnanswered ? Verdict.drop("blocked") : Verdict.bounce(StanzaError.serviceUnavailable());
    }

    /** Presence for nobody leads to nothing anyway: the list need not be read for it. */
    private static boolean isUnread(Stanza stanza, Way way, Turn turn) {
        return way == Way.INBOUND
                && stanza instanceof Presence presence
                && !presence.type().isSubscription()
                && turn.sessions().isEmpty();
    }

    /** §5: the address itself, its bare form, the domain with the resource, or the whole domain. */
    @Override
    public boolean isBlocked(Jid peer, Turn turn) {
        Set<Jid> blocked = blocked(turn);
        if (blocked.isEmpty() || isOwn(peer, turn)) {
            return false;
        }
        return blocked.contains(peer)
                || blocked.contains(peer.bare())
                || blocked.contains(BareJid.ofDomain(peer.domain()));
    }

    /** The account itself, and the server that it asks to unblock. */
    private static boolean isOwn(Jid peer, Turn turn) {
        return peer.bare().equals(turn.jid())
                || peer.local() == null && peer.domain().equals(turn.jid().domain());
    }

    @Override
    public boolean hasBlocked(Turn turn) {
        return !blocked(turn).isEmpty();
    }

    @Override
    public void follow(Listener listener) {
        listeners.add(listener);
    }

    // ---- between servers
    // ----------------------------------------------------------------------------------------------

    private final class BlockedPart implements AccountPart {
        @Override
        public Set<Name> elements() {
            return Set.of(BLOCKLIST, PrivacyLists.QUERY);
        }

        @Override
        public void export(Owner account, Reader reader, Consumer<Element> out) {
            Set<Jid> blocked = new LinkedHashSet<>();
            try (Scan<String, Boolean> scan = reader.scan(rows, account.key(), Range.all(), Direction.FORWARD)) {
                scan.forEachRemaining(row -> blocked.add(Jid.prepared(row.key())));
            }
            if (!blocked.isEmpty()) {
                out.accept(element(BLOCKLIST, blocked));
            }
        }

        @Override
        public void take(Element piece, Turn turn) {
            add(piece.is(BLOCKLIST) ? items(piece) : PrivacyLists.blocked(piece), turn);
        }
    }

    @Override
    public void follow(ReportListener listener) {
        reportListeners.add(listener);
    }
}
