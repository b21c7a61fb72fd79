// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Owner;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.AccountPart;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Reader;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/** XEP-0227 §4.4 and §4.8: the roster, and the requests that wait for the user's answer. */
final class RosterPart implements AccountPart {
    private static final Name PRESENCE = Name.of(Ns.CLIENT, "presence");

    private final Roster roster;

    RosterPart(Roster roster) {
        this.roster = roster;
    }

    @Override
    public Set<Name> elements() {
        return Set.of(RosterPush.QUERY, PRESENCE);
    }

    @Override
    public void export(Owner account, Reader reader, Consumer<Element> out) {
        roster.forEach(
                account.key(),
                reader,
                (contact, item) -> out.accept(Element.of(RosterPush.QUERY).child(item.element(contact))));
        roster.forEachRequest(account.key(), reader, (contact, request) -> {
            CanonicalWriter writer = new CanonicalWriter();
            request.presence(contact, account.jid()).writeTo(writer);
            out.accept(Element.parse(writer.toByteArray()));
        });
    }

    @Override
    public void take(Element piece, Turn turn) {
        if (piece.is(PRESENCE)) {
            request(piece, turn);
        } else {
            piece.children(RosterItem.NAME).forEach(item -> item(item, turn));
            // Whoever knows a version of another server gets the whole roster.
            roster.forgetOlder(turn);
        }
    }

    private void item(Element given, Turn turn) {
        BareJid contact = given.requireJid("jid").bare();
        String subscription = Objects.requireNonNullElse(given.attr("subscription"), "none");
        boolean to = subscription.equals("to") || subscription.equals("both");
        boolean from = subscription.equals("from") || subscription.equals("both");
        if (!to && !from && !subscription.equals("none")) {
            throw StanzaError.badRequest("subscription='" + subscription + "' (expected: none, to, from or both)")
                    .toException();
        }
        if (contact.equals(turn.jid())) {
            return;
        }
        List<String> groups = given.children(RosterItem.GROUP).stream()
                .map(Element::text)
                .filter(group -> !group.isEmpty())
                .distinct()
                .toList();
        boolean asked = !to && "subscribe".equals(given.attr("ask"));
        boolean approved = given.optionalBoolean("approved", false);
        roster.put(contact, new RosterItem(0, given.attr("name"), to, from, asked, approved, groups), turn);
    }

    private void request(Element given, Turn turn) {
        BareJid contact = given.requireJid("from").bare();
        RosterItem item = roster.get(contact, turn);
        boolean isAnswered = contact.equals(turn.jid()) || item != null && item.from();
        if (Presence.Type.parse(given.attr("type")) == Presence.Type.SUBSCRIBE && !isAnswered) {
            Payload said = SubscriptionRequest.bounded(Payload.of(given.children()));
            roster.addRequest(contact, new SubscriptionRequest(turn.stamp(), given.lang(), said), turn);
        }
    }
}
