// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;

import im.dunlin.core.auth.Accounts;
import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.PresenceStage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.Advertisement;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Values;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** RFC 6121 §2 with roster versions, and §3. */
public final class RosterModule implements RosterView {
    private static final Element VERSIONS = Element.of(Name.of("urn:xmpp:features:rosterver", "ver"));
    private static final Element PRE_APPROVAL = Element.of(Name.of("urn:xmpp:features:pre-approval", "sub"));

    private static final int ENDED_AT_ONCE = 1_000;

    private final Setup setup;
    private final Roster roster;
    private final RosterPush push = new RosterPush();
    private final Subscriptions subscriptions;

    public RosterModule(Setup setup) {
        this.setup = setup;
        this.roster = new Roster(setup);
        this.subscriptions =
                new Subscriptions(roster, push, setup.config().limits().rate().subscriptionsPerMinute());
        setup.implementing("RFC 6121")
                .implementing(237, "1.3")
                .provide(RosterView.class, this)
                .keptAttribute(RosterPush.INTERESTED, Values.PRESENT)
                .keptAttribute(Subscriptions.SHOWN, Values.PRESENT)
                .streamFeature(Advertisement.of(VERSIONS))
                .streamFeature(Advertisement.of(PRE_APPROVAL))
                .iqGet(RosterPush.QUERY, Set.of(OWN_ACCOUNT), this::get)
                .iqSet(RosterPush.QUERY, Set.of(OWN_ACCOUNT), this::set)
                .screen(RosterModule::screen)
                .presence(PresenceStage.HANDLE, subscriptions::handle)
                .presence(PresenceStage.NOTICE, subscriptions::show)
                .accountPart(new RosterPart(roster));
        setup.require(Accounts.class).beforeRemoval(this::endSome);
    }

    /** A roster is its owner's, and pushes are made here: to a client, any other is a forgery (threat S03). */
    private static Verdict screen(Stanza stanza, Way way, Turn turn) {
        return way == Way.INBOUND
                        && stanza instanceof Iq iq
                        && iq.isRequest()
                        && iq.payload().has(RosterPush.QUERY)
                ? Verdict.bounce(StanzaError.serviceUnavailable())
                : Verdict.PASS;
    }

    // ---- get
    // ---------------------------------------------------------------------------------------------------------

    private @Nullable Iq get(Iq iq, Turn turn) {
        ClientSession session = Objects.requireNonNull(turn.origin());
        push.becameInterested(session, turn);
        Element query = iq.request();
        List<Roster.Change> changes = roster.since(RosterPush.parse(query.attr("ver")), turn);
        if (changes == null) {
            return iq.result(whole(turn));
        }
        // Nothing in the answer says that the client has everything but what is pushed behind it (§2.6.3).
        turn.answer(iq.result());
        changes.forEach(change -> push.send(session, change, turn));
        return null;
    }

    private Element whole(Turn turn) {
        ElementBuilder query = Element.builder(RosterPush.QUERY)
                .attr("ver", RosterPush.wire(roster.head(turn).version()));
        for (Row<BareJid, RosterItem> row : roster.all(turn)) {
            query.child(row.value().element(row.key()));
        }
        return query.build();
    }

    // ---- set
    // ---------------------------------------------------------------------------------------------------------

    private @Nullable Iq set(Iq iq, Turn turn) {
        List<Element> items = iq.request().children();
        if (items.size() != 1 || !items.get(0).is(RosterItem.NAME)) {
            throw StanzaError.badRequest("a roster set has exactly one item").toException();
        }
        Element asked = items.get(0);
        BareJid contact = asked.requireJid("jid").bare();
        // Answered first: a client matches the push that follows with what it asked for.
        turn.answer(iq.result());
        if ("remove".equals(asked.attr("subscription"))) {
            remove(contact, turn);
        } else {
            change(contact, asked, turn);
        }
        return null;
    }

    /** What a client says of subscription, ask and approved is not for it to say (§2.1.2). */
    private void change(BareJid contact, Element asked, Turn turn) {
        if (contact.equals(turn.jid())) {
            throw StanzaError.notAllowed().toException();
        }
        AccountLimits limits = setup.config().host(turn.jid().domain()).limits();
        String name = asked.attr("name");
        checkLength(name, limits);
        Set<String> groups = new LinkedHashSet<>();
        for (Element group : asked.children(RosterItem.GROUP)) {
            String text = group.text();
            checkLength(text, limits);
            if (text.isEmpty()) {
                throw StanzaError.notAcceptable().withText("a group has a name").toException();
            }
            if (!groups.add(text)) {
                throw StanzaError.badRequest("the same group twice").toException();
            }
        }
        if (groups.size() > limits.rosterGroups()) {
            throw StanzaError.resourceConstraint("too many groups").toException();
        }
        RosterItem before = Objects.requireNonNullElse(roster.get(contact, turn), RosterItem.NEW);
        RosterItem stored = roster.put(contact, before.with(name, List.copyOf(groups)), turn);
        push.changed(contact, stored, turn);
        subscriptions.changed(contact, turn);
    }

    private static void checkLength(@Nullable String text, AccountLimits limits) {
        if (text != null && text.getBytes(StandardCharsets.UTF_8).length > limits.rosterNameBytes()) {
            throw StanzaError.notAcceptable().withText("the name is too long").toException();
        }
    }

    private void remove(BareJid contact, Turn turn) {
        RosterItem item = roster.get(contact, turn);
        if (item == null) {
            throw StanzaError.itemNotFound().toException();
        }
        end(contact, item, turn);
        push.removed(contact, roster.remove(contact, item, turn), turn);
    }

    /** Ends subscriptions both ways (§2.5.2). */
    private void end(BareJid contact, RosterItem item, Turn turn) {
        if (item.from()) {
            subscriptions.leaving(contact, turn);
            turn.routeRecorded(Presence.of(Presence.Type.UNSUBSCRIBED, turn.jid(), contact));
        }
        if (item.to() || item.asked()) {
            turn.routeRecorded(Presence.of(Presence.Type.UNSUBSCRIBE, turn.jid(), contact));
        }
    }

    /** The account goes: its subscriptions end, so many in one batch. */
    private boolean endSome(Turn turn) {
        List<Row<BareJid, RosterItem>> some = roster.first(ENDED_AT_ONCE, turn);
        for (Row<BareJid, RosterItem> row : some) {
            end(row.key(), row.value(), turn);
            roster.remove(row.key(), row.value(), turn);
        }
        return some.size() < ENDED_AT_ONCE;
    }

    // ---- RosterView
    // --------------------------------------------------------------------------------------------------

    @Override
    public @Nullable RosterItem item(BareJid contact, Turn turn) {
        return roster.get(contact, turn);
    }

    @Override
    public int size(Turn turn) {
        return roster.head(turn).items();
    }

    @Override
    public SubscriptionState state(BareJid contact, Turn turn) {
        return roster.state(contact, roster.get(contact, turn), turn);
    }

    @Override
    public boolean sendsPresenceTo(BareJid contact, Turn turn) {
        RosterItem item = contact.equals(turn.jid()) ? null : roster.get(contact, turn);
        return contact.equals(turn.jid()) || item != null && item.from();
    }

    @Override
    public boolean getsPresenceFrom(BareJid contact, Turn turn) {
        RosterItem item = contact.equals(turn.jid()) ? null : roster.get(contact, turn);
        return contact.equals(turn.jid()) || item != null && item.to();
    }

    @Override
    public List<BareJid> subscribers(Turn turn) {
        return roster.contacts(turn).subscribers();
    }

    @Override
    public List<BareJid> subscriptions(Turn turn) {
        return roster.contacts(turn).subscriptions();
    }

    @Override
    public @Nullable Presence request(BareJid contact, BareJid account, OwnerKey rows, Reader reader) {
        SubscriptionRequest request = roster.request(contact, rows, reader);
        return request == null ? null : request.presence(contact, account);
    }

    @Override
    public void befriend(BareJid contact, Element word, Turn turn) {
        subscriptions.befriend(contact, word, turn);
    }

    @Override
    public void approveBy(Approver approver) {
        subscriptions.approveBy(approver);
    }

    @Override
    public void follow(RequestListener listener) {
        roster.follow(listener);
    }

    @Override
    public void follow(SubscriberListener listener) {
        subscriptions.follow(listener);
    }
}
