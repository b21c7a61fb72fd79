// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.caps;

import im.dunlin.core.config.Limits;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.session.Allowance;
import im.dunlin.core.stanza.Presence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What an account's contacts on other servers want to hear of (XEP-0163 §4.3.1): their presence tells, as far as it was heard
 * since the account has had sessions. Whoever comes online asks for all of it, so nothing is kept beyond that.
 */
final class DistantClients {
    /** Clients of one contact; further ones are not told of events. */
    static final int MAX_CLIENTS = 10;

    /** @param questions how often its clients may still be something else than before, which costs a question and last items */
    private record Contact(
            Map<FullJid, Caps> clients, @Nullable Allowance questions) {
        static final Contact UNKNOWN = new Contact(Map.of(), null);

        Contact with(FullJid client, @Nullable Caps caps) {
            Map<FullJid, Caps> changed = new HashMap<>(clients);
            if (caps == null) {
                changed.remove(client);
            } else {
                changed.put(client, caps);
            }
            return new Contact(Map.copyOf(changed), questions);
        }
    }

    /** {@link CapsModule#learn}. */
    @FunctionalInterface
    interface Learner {
        void learn(Advertised advertised, FullJid client, Turn turn, BiConsumer<Turn, Set<String>> then);
    }

    private static final CacheKey<Map<BareJid, Contact>> CONTACTS = new CacheKey<>("caps.distant");

    private final Setup setup;
    private final RosterView roster;
    private final Limits.Rate rate;
    private final Learner learner;
    private final List<CapsView.DistantListener> listeners = new ArrayList<>();

    DistantClients(Setup setup, Learner learner) {
        this.setup = setup;
        this.learner = learner;
        roster = setup.require(RosterView.class);
        rate = setup.config().limits().rate();
    }

    void follow(CapsView.DistantListener listener) {
        listeners.add(listener);
    }

    /** Nobody is there any more who would learn that a contact goes. */
    static void forgetUnheard(Turn turn) {
        if (turn.sessions().isEmpty()) {
            turn.forget(CONTACTS);
        }
    }

    List<FullJid> interested(String node, Turn turn) {
        List<FullJid> interested = new ArrayList<>();
        turn.cached(CONTACTS, Map::of)
                .values()
                .forEach(contact -> contact.clients().forEach((client, caps) -> {
                    if (caps.interests().contains(node)) {
                        interested.add(client);
                    }
                }));
        return interested;
    }

    void hear(Presence presence, Turn turn) {
        if (turn.sessions().isEmpty()
                || !(presence.from() instanceof FullJid client)
                || setup.config().hosts().containsKey(client.domain())
                || !isContact(client.bare(), turn)) {
            return;
        }
        Advertised advertised = presence.type() == Presence.Type.AVAILABLE ? Advertised.parse(presence) : null;
        Contact known = of(client.bare(), turn);
        Caps before = known.clients().get(client);
        if (advertised == null) {
            if (before != null) {
                keep(client.bare(), known.with(client, null), turn);
            }
        } else if (before == null
                ? known.clients().size() < MAX_CLIENTS
                : !before.key().equals(advertised.key())) {
            Allowance left =
                    Allowance.spend(known.questions(), rate.presencesBurst(), rate.presencesPerMinute(), turn.now());
            if (left != null) {
                Set<String> interests = before == null ? Set.of() : before.interests();
                Contact changed = known.with(client, new Caps(advertised.key(), interests));
                keep(client.bare(), new Contact(changed.clients(), left), turn);
                learner.learn(
                        advertised, client, turn, (later, found) -> learned(client, advertised.key(), found, later));
            }
        }
    }

    private boolean isContact(BareJid jid, Turn turn) {
        return roster.sendsPresenceTo(jid, turn) || roster.getsPresenceFrom(jid, turn);
    }

    private void learned(FullJid client, String key, Set<String> interests, Turn turn) {
        Contact known = of(client.bare(), turn);
        Caps before = known.clients().get(client);
        // Since it was asked, it may have gone or become something else.
        if (before == null || !before.key().equals(key)) {
            return;
        }
        Set<String> fresh = new HashSet<>(interests);
        fresh.removeAll(before.interests());
        keep(client.bare(), known.with(client, new Caps(key, interests)), turn);
        if (!fresh.isEmpty()) {
            listeners.forEach(listener -> listener.interested(client, fresh, turn));
        }
    }

    private static Contact of(BareJid contact, Turn turn) {
        return Objects.requireNonNullElse(turn.cached(CONTACTS, Map::of).get(contact), Contact.UNKNOWN);
    }

    private static void keep(BareJid contact, Contact known, Turn turn) {
        Map<BareJid, Contact> changed = new HashMap<>(turn.cached(CONTACTS, Map::of));
        changed.put(contact, known);
        turn.forget(CONTACTS);
        turn.cached(CONTACTS, () -> Map.copyOf(changed));
    }
}
