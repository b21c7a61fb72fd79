// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.caps;

import im.dunlin.core.jid.FullJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.PresenceStage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.xml.Element;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * XEP-0115 and XEP-0390: Entity Capabilities, of clients here and of contacts elsewhere.
 *
 * <p>A client is asked what stands behind the hash in its presence unless that is known. An answer that fits the hash is
 * remembered for everybody; one that does not holds for nobody but the client that gave it.
 */
public final class CapsModule implements CapsView {
    /** Hashes that are remembered; beyond, one gives way. */
    static final int MAX_KNOWN = 1_000;

    /** Interests of one client; more are not heard of. */
    static final int MAX_INTERESTS = 200;

    private static final int MAX_NODE_LENGTH = 256;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final SessionKey<Caps> CAPS = new SessionKey<>("caps");

    private final DistantClients distant;
    private final List<Listener> listeners = new ArrayList<>();

    /** Interests by the key of a verified hash; the same sets serve all sessions. */
    private final Map<String, Set<String>> known = new ConcurrentHashMap<>();

    public CapsModule(Setup setup) {
        setup.implementing(115, "1.6.0")
                .implementing(390, "0.3.2")
                .provide(CapsView.class, this)
                .keptAttribute(CAPS, Caps.CODEC)
                .presence(PresenceStage.NOTICE, this::notice)
                .sessionEnded((session, unacknowledged, turn) -> DistantClients.forgetUnheard(turn));
        distant = new DistantClients(setup, this::learn);
    }

    @Override
    public Set<String> interests(ClientSession session, Turn turn) {
        return of(session, turn).interests();
    }

    @Override
    public void follow(Listener listener) {
        listeners.add(listener);
    }

    @Override
    public List<FullJid> distant(String node, Turn turn) {
        return distant.interested(node, turn);
    }

    @Override
    public void followDistant(DistantListener listener) {
        distant.follow(listener);
    }

    private static Caps of(ClientSession session, Turn turn) {
        return Objects.requireNonNullElse(turn.get(session, CAPS), Caps.NOTHING);
    }

    private Presence notice(Presence presence, Way way, Turn turn) {
        ClientSession session = turn.origin();
        if (way == Way.OUTBOUND && session != null && presence.to() == null) {
            if (presence.type() == Presence.Type.UNAVAILABLE) {
                turn.set(session, CAPS, null);
            } else if (presence.type() == Presence.Type.AVAILABLE) {
                available(presence, session, turn);
            }
        } else if (way == Way.INBOUND) {
            distant.hear(presence, turn);
        }
        return presence;
    }

    private void available(Presence presence, ClientSession session, Turn turn) {
        Advertised advertised = Advertised.parse(presence);
        Caps before = of(session, turn);
        if (advertised == null || advertised.key().equals(before.key())) {
            return;
        }
        turn.set(session, CAPS, new Caps(advertised.key(), before.interests()));
        learn(advertised, session.jid(), turn, (later, interests) -> {
            // Since it was asked, the session may have ended, become unavailable, or something else.
            if (later.sessions().contains(session) && of(session, later).key().equals(advertised.key())) {
                learned(session, new Caps(advertised.key(), interests), later);
            }
        });
    }

    /** Learns what stands behind a hash, if need be by asking. Of a client that does not answer nothing is learned. */
    private void learn(Advertised advertised, FullJid client, Turn turn, BiConsumer<Turn, Set<String>> then) {
        Set<String> interests = known.get(advertised.key());
        if (interests != null) {
            then.accept(turn, interests);
            return;
        }
        Element question = Element.of(CapsHash.QUERY).attr("node", advertised.node());
        turn.ask(Iq.get(client, turn.randomId(), question).withFrom(turn.jid()), PATIENCE, (later, answer) -> {
            Element query =
                    answer == null || answer.isError() ? null : answer.payload().first(CapsHash.QUERY);
            if (query != null) {
                Set<String> found = interests(query);
                if (advertised.fits(query)) {
                    remember(advertised.key(), found);
                }
                then.accept(later, found);
            }
        });
    }

    private static Set<String> interests(Element query) {
        Set<String> interests = new HashSet<>();
        for (String feature : CapsHash.features(query)) {
            if (feature.endsWith(CapsHash.NOTIFY)
                    && feature.length() <= MAX_NODE_LENGTH + CapsHash.NOTIFY.length()
                    && interests.size() < MAX_INTERESTS) {
                interests.add(feature.substring(0, feature.length() - CapsHash.NOTIFY.length()));
            }
        }
        return Set.copyOf(interests);
    }

    private void remember(String key, Set<String> interests) {
        Iterator<String> any = known.keySet().iterator();
        if (known.size() >= MAX_KNOWN && any.hasNext()) {
            known.remove(any.next());
        }
        known.put(key, interests);
    }

    private void learned(ClientSession session, Caps caps, Turn turn) {
        Set<String> fresh = new HashSet<>(caps.interests());
        fresh.removeAll(of(session, turn).interests());
        turn.set(session, CAPS, caps);
        if (!fresh.isEmpty()) {
            listeners.forEach(listener -> listener.interested(session, fresh, turn));
        }
    }
}
