// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.access;

import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.auth.SaslExchange;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.LoginPart;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.fast.TokensView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0494: Client Access Management. The account's owner sees which clients can come in and takes that back: sessions end,
 * tokens go. A client that has shown the password knows it, and only another password shuts it out; that is what it is told then.
 *
 * <pre>
 * clients   device → what it is, when it was seen, whether it has shown the password
 * </pre>
 *
 * <p>A client without an id (XEP-0388 §2.2) is known by its session alone, while that lasts. Times are kept to the hour.
 */
public final class ClientAccessModule implements LoginPart, RevokedClients {
    private static final String NS = "urn:xmpp:cam:0";
    private static final Name LIST = Name.of(NS, "list");
    private static final Name REVOKE = Name.of(NS, "revoke");
    private static final Name USER_AGENT = Name.of(Ns.SASL2, "user-agent");

    /** Of an account; another one takes the place of that which was seen last the longest ago. */
    static final int MAX_CLIENTS = 100;

    private static final int MAX_NAME = 200;

    private final Setup setup;
    private final Accounts accounts;
    private final TokensView tokens;
    private final Table<String, Client> clients;
    private final byte[] secret;
    private final List<Listener> listeners = new ArrayList<>();

    public ClientAccessModule(Setup setup) {
        this.setup = setup;
        accounts = setup.require(Accounts.class);
        tokens = setup.require(TokensView.class);
        clients = setup.table(new TableSpec<>("clients", Shape.POINT, Keys.TEXT, Client.CODEC));
        secret = setup.secret("client-access");
        setup.implementing(494, "0.1.0")
                .provide(RevokedClients.class, this)
                .loginInline(this)
                .sessionEnded((session, unacknowledged, turn) -> seen(session, turn))
                .iqGet(LIST, Set.of(Addressee.OWN_ACCOUNT), this::list)
                .iqSet(REVOKE, Set.of(Addressee.OWN_ACCOUNT), this::revoke);
        accounts.whenPasswordChanges(this::passwordChanged);
    }

    @Override
    public void follow(Listener listener) {
        listeners.add(listener);
    }

    // ---- logins
    // ------------------------------------------------------------------------------------------------------

    @Override
    public @Nullable Element advertise(Negotiation stream) {
        return null;
    }

    @Override
    public @Nullable SaslExchange begin(
            String mechanism, Element authenticate, @Nullable String device, Negotiation stream) {
        return null;
    }

    @Override
    public @Nullable Element apply(Authenticated who, Element authenticate, Turn turn) {
        String device = who.device();
        if (device == null) {
            return null;
        }
        Client before = turn.get(clients, device);
        Element agent = authenticate.first(USER_AGENT);
        long hour = hour(turn.now());
        boolean byToken = String.valueOf(authenticate.attr("mechanism")).startsWith("HT-");
        Client now = new Client(
                name(agent, "software"),
                name(agent, "device"),
                before == null ? hour : before.firstSeen(),
                hour,
                byToken ? (before == null ? null : before.password()) : Long.valueOf(who.generation()));
        if (!now.equals(before)) {
            if (before == null) {
                makeRoom(turn);
            }
            turn.put(clients, device, now);
        }
        return null;
    }

    /** Who has set the new password knows it. */
    private void passwordChanged(Turn turn, @Nullable ClientSession by) {
        String device = by == null ? null : turn.get(by, ClientSession.DEVICE);
        Client client = device == null ? null : turn.get(clients, device);
        Credentials keys = accounts.find(turn);
        if (device != null && client != null && keys != null) {
            turn.put(clients, device, client.knowing(keys.generation()));
        }
    }

    private static @Nullable String name(@Nullable Element agent, String what) {
        String said = agent == null ? null : agent.text(Name.of(Ns.SASL2, what));
        return said == null || said.isBlank() || said.length() > MAX_NAME ? null : said.strip();
    }

    private static long hour(Instant time) {
        return time.truncatedTo(ChronoUnit.HOURS).getEpochSecond();
    }

    private void makeRoom(Turn turn) {
        List<Row<String, Client>> known = known(turn);
        if (known.size() == MAX_CLIENTS) {
            known.stream()
                    .min(Comparator.comparingLong(row -> row.value().lastSeen()))
                    .ifPresent(row -> turn.delete(clients, row.key()));
        }
    }

    private List<Row<String, Client>> known(Turn turn) {
        return turn.scan(clients, Range.all(), Direction.FORWARD, MAX_CLIENTS);
    }

    private void seen(ClientSession session, Turn turn) {
        String device = turn.get(session, ClientSession.DEVICE);
        Client client = device == null ? null : turn.get(clients, device);
        if (device != null && client != null && client.lastSeen() != hour(turn.now())) {
            turn.put(clients, device, client.seen(hour(turn.now())));
        }
    }

    // ---- the list
    // ----------------------------------------------------------------------------------------------------

    private Iq list(Iq iq, Turn turn) {
        ElementBuilder list = Element.builder(Name.of(NS, "clients"));
        for (Row<String, Client> row : known(turn)) {
            Client client = row.value();
            boolean connected = !sessions(row.key(), turn).isEmpty();
            boolean password = hasPassword(client, turn);
            boolean token = tokens.has(row.key(), turn);
            if (connected || password || token) {
                list.child(element(id("device", row.key()), connected, client, password, token, turn));
            }
        }
        for (ClientSession session : turn.sessions()) {
            String device = turn.get(session, ClientSession.DEVICE);
            if (device == null || turn.get(clients, device) == null) {
                Client client = new Client(null, session.jid().resource(), 0, hour(turn.now()), null);
                list.child(element(id("session", session.jid().resource()), true, client, true, false, turn));
            }
        }
        return iq.result(list.build());
    }

    private static Element element(
            String id, boolean connected, Client client, boolean password, boolean token, Turn turn) {
        ElementBuilder element = Element.builder(Name.of(NS, "client"))
                .attr("connected", Boolean.toString(connected))
                .attr("id", id)
                .attr("type", "session");
        if (client.firstSeen() > 0) {
            element.child(Name.of(NS, "first-seen"), time(client.firstSeen()));
        }
        element.child(Name.of(NS, "last-seen"), time(connected ? hour(turn.now()) : client.lastSeen()));
        ElementBuilder auth = Element.builder(Name.of(NS, "auth"));
        if (password) {
            auth.child(Element.of(Name.of(NS, "password")));
        }
        if (token) {
            auth.child(Element.of(Name.of(NS, "fast")));
        }
        ElementBuilder agent = Element.builder(Name.of(NS, "user-agent"));
        if (client.software() != null) {
            agent.child(Name.of(NS, "software"), client.software());
        }
        if (client.name() != null) {
            agent.child(Name.of(NS, "device"), client.name());
        }
        return element.child(auth.build())
                .child(Element.of(Name.of(NS, "permission")).attr("status", "unrestricted"))
                .child(agent.build())
                .build();
    }

    private static String time(long second) {
        return Delay.format(Instant.ofEpochSecond(second));
    }

    /** Whether it has shown the password that is good now. */
    private boolean hasPassword(Client client, Turn turn) {
        Credentials keys = accounts.find(turn);
        return keys != null && Objects.equals(client.password(), keys.generation());
    }

    private static List<ClientSession> sessions(String device, Turn turn) {
        return turn.sessions().stream()
                .filter(session -> device.equals(turn.get(session, ClientSession.DEVICE)))
                .toList();
    }

    /** Opaque, and not to be told from what it stands for. */
    private String id(String kind, String of) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(ScramHash.SHA_256.hmac(secret, kind + "\0" + of));
    }

    // ---- taken back
    // --------------------------------------------------------------------------------------------------

    private @Nullable Iq revoke(Iq iq, Turn turn) {
        String id = iq.request().requireAttr("id");
        for (Row<String, Client> row : known(turn)) {
            if (id.equals(id("device", row.key()))) {
                return revoked(iq, sessions(row.key(), turn), row.key(), hasPassword(row.value(), turn), turn);
            }
        }
        for (ClientSession session : turn.sessions()) {
            if (id.equals(id("session", session.jid().resource()))) {
                return revoked(iq, List.of(session), turn.get(session, ClientSession.DEVICE), true, turn);
            }
        }
        throw StanzaError.itemNotFound().toException();
    }

    private @Nullable Iq revoked(
            Iq iq, List<ClientSession> sessions, @Nullable String device, boolean knowsPassword, Turn turn) {
        // First, as the asker may be among those that end.
        turn.answer(
                knowsPassword
                        ? iq.error(StanzaError.serviceUnavailable()
                                .withApplication(Element.of(Name.of(NS, "password-reset-required"))))
                        : iq.result());
        if (device != null) {
            tokens.revoke(device, turn);
            if (!knowsPassword) {
                turn.delete(clients, device);
            }
        }
        listeners.forEach(listener -> listener.revoked(device, sessions, turn));
        sessions.forEach(
                session -> setup.sessions().end(session, StreamError.of(StreamError.Condition.NOT_AUTHORIZED), turn));
        return null;
    }
}
