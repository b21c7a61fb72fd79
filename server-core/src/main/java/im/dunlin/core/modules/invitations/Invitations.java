// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.invitations;

import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.Accounts.Outcome;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.XmppUri;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.registration.Registrations;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The invitations of all inviters, and of hosts themselves.
 *
 * <pre>
 * invitations        inviter · hash of the token → what it is good for, and who took it
 * invitation-owners  host · hash of the token    → inviter, and the name that is kept
 * invited-names      host · name                 → hash of the token for which it is kept
 * </pre>
 *
 * <p>A token is used in the inviter's turn: there the invitation is taken by one name before an account of that name is made, and
 * there the contact is accepted in the batch that marks it used. Whatever the process does in between, nobody else can use it.
 */
public final class Invitations implements Registrations.Invitations, RosterView.Approver {
    private static final Logger log = LoggerFactory.getLogger(Invitations.class);

    static final Name PREAUTH = Name.of("urn:xmpp:pars:0", "preauth");

    /** The kind of timer that deletes one. */
    static final String EXPIRY = "invitations.expiry";

    /** Who has shown a token in time finishes, also a little later (XEP-0445 §4). */
    private static final Duration GRACE = Duration.ofHours(1);

    /** Of a host itself. */
    static final int MAX_OF_HOST = 10_000;

    /** Of a host and of its users, in one list; who needs more waits until some expire. */
    static final int MAX_LISTED = 500;

    /** Letters of a hash by which an invitation is named: nobody comes in with them. */
    private static final int ID_LENGTH = 12;

    /** @param inviter an account, or a host */
    private record Kept(BareJid inviter, @Nullable String username) {}

    /**
     * An invitation that was made.
     *
     * @param id by which it is taken back
     * @param inviter an account, or a host
     * @param username the only one that may be registered by it; null for any
     * @param usedBy who has used it, or is about to; null while somebody may
     */
    public record Made(
            String id,
            BareJid inviter,
            @Nullable String username,
            Instant expires,
            @Nullable BareJid usedBy) {
        static Made of(String hash, BareJid inviter, Invitation invitation) {
            return new Made(
                    hash.substring(0, ID_LENGTH),
                    inviter,
                    invitation.username(),
                    Micros.toInstant(invitation.expires()),
                    invitation.takenBy());
        }

        /** All of it in one line, for people. */
        @Override
        public String toString() {
            return id + " by " + inviter + " for " + (username == null ? "anybody" : username) + ", "
                    + (usedBy == null ? "good until " + expires : "used by " + usedBy);
        }
    }

    /**
     * What an invitation is to be good for.
     *
     * @param host that it is for
     * @param account the only one that may be made by it; null for any
     * @param lifetime how long; null for as long as the host says
     */
    public record Wish(
            String host,
            @Nullable BareJid account,
            Purpose purpose,
            @Nullable Duration lifetime) {
        /** For as long as the host says. */
        public Wish(String host, @Nullable BareJid account, Purpose purpose) {
            this(host, account, purpose, null);
        }

        @Nullable
        String username() {
            return account == null ? null : account.local();
        }
    }

    /** One that was found by its token. */
    record Found(BareJid inviter, Invitation invitation) {
        String uri(String token) {
            String name = invitation.username();
            BareJid account = name == null ? null : (BareJid) Jid.prepared(name + "@" + invitation.host());
            return Invitations.uri(invitation.purpose(), account, invitation.host(), inviter, token);
        }
    }

    private final Setup setup;
    private final Accounts accounts;
    private final RosterView roster;
    private final PublicAddresses addresses;
    private final Table<String, Invitation> invitations;
    private final Table<String, Kept> owners;
    private final Table<String, String> names;

    Invitations(Setup setup) {
        this.setup = setup;
        accounts = setup.require(Accounts.class);
        roster = setup.require(RosterView.class);
        addresses = setup.require(PublicAddresses.class);
        invitations = setup.table(new TableSpec<>("invitations", Shape.POINT, Keys.TEXT, Invitation.CODEC));
        owners = setup.table(new TableSpec<>(
                "invitation-owners",
                Shape.POINT,
                Keys.TEXT,
                Values.versioned(1, Invitations::write, Invitations::read)));
        names = setup.table(new TableSpec<>("invited-names", Shape.POINT, Keys.TEXT, Values.TEXT));
        setup.timer(EXPIRY, this::expire);
    }

    @Override
    public boolean areOn(String host) {
        return setup.config().host(host).hasModule(InvitationsModule.KEY);
    }

    private InvitationsModule.Options options(String host) {
        return setup.config().host(host).options(InvitationsModule.KEY, InvitationsModule.Options.class);
    }

    // ---- made
    // --------------------------------------------------------------------------------------------------------

    /**
     * Makes an invitation of the turn's account, or of a host itself.
     *
     * @param then in a later turn of the same
     * @param otherwise the same, with what is wrong
     * @throws im.dunlin.core.stanza.StanzaException {@code resource-constraint} if there are too many
     */
    public void make(Wish wish, Turn turn, BiConsumer<Turn, Link> then, BiConsumer<Turn, StanzaError> otherwise) {
        BareJid account = wish.account();
        if (account == null) {
            keep(wish, turn, then, otherwise);
            return;
        }
        turn.askOwner(account, accounts::mayCreate, (later, outcome) -> {
            if (outcome == Outcome.DONE) {
                keep(wish, later, then, otherwise);
            } else {
                otherwise.accept(later, StanzaError.conflict());
            }
        });
    }

    private void keep(Wish wish, Turn turn, BiConsumer<Turn, Link> then, BiConsumer<Turn, StanzaError> otherwise) {
        InvitationsModule.Options options = options(wish.host());
        int most = turn.jid().local() == null ? MAX_OF_HOST : options.perAccount();
        if (turn.scan(invitations, Range.all(), Direction.FORWARD, most).size() == most) {
            otherwise.accept(turn, StanzaError.resourceConstraint("too many invitations, wait until some expire"));
            return;
        }
        String token = turn.randomId();
        String hash = hash(token);
        Duration lifetime = wish.lifetime() == null ? options.lifetime() : wish.lifetime();
        Instant expires = turn.now().plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
        Kept kept = new Kept(turn.jid(), wish.username());
        turn.put(
                invitations,
                hash,
                new Invitation(wish.host(), wish.username(), wish.purpose(), Micros.of(expires), null, false));
        turn.schedule(EXPIRY, expires.plus(GRACE), hash.getBytes(StandardCharsets.US_ASCII));
        turn.askOwner(BareJid.ofDomain(wish.host()), there -> keep(hash, kept, expires, there), (later, done) -> {
            if (Boolean.TRUE.equals(done)) {
                then.accept(later, link(wish, token, later.jid(), expires));
            } else {
                later.delete(invitations, hash);
                otherwise.accept(later, StanzaError.conflict().withText("the name is kept for somebody else"));
            }
        });
    }

    /** In a turn of the host. @return false if the name is kept already */
    private boolean keep(String hash, Kept kept, Instant expires, Turn turn) {
        if (kept.username() != null) {
            if (turn.get(names, kept.username()) != null) {
                return false;
            }
            turn.put(names, kept.username(), hash);
        }
        turn.put(owners, hash, kept);
        turn.schedule(EXPIRY, expires.plus(GRACE), hash.getBytes(StandardCharsets.US_ASCII));
        return true;
    }

    private Link link(Wish wish, String token, BareJid inviter, Instant expires) {
        String address = addresses.of(wish.host());
        return new Link(
                uri(wish.purpose(), wish.account(), wish.host(), inviter, token),
                address == null ? null : address + InvitationsModule.PATH + token,
                expires);
    }

    /** XEP-0445 §2: of a contact, of an account, or of any account of the host. */
    private static String uri(Purpose purpose, @Nullable BareJid account, String host, BareJid inviter, String token) {
        if (purpose.isAboutContact()) {
            return XmppUri.of(inviter) + "?roster;preauth=" + token + (purpose.registers() ? ";ibr=y" : "");
        }
        return XmppUri.of(account == null ? BareJid.ofDomain(host) : account) + "?register;preauth=" + token;
    }

    // ---- found
    // -------------------------------------------------------------------------------------------------------

    /** Looks for an invitation that can still be used. Any thread. @param then with null if there is none; on any thread */
    void look(String host, String token, Consumer<@Nullable Found> then) {
        String hash = hash(token);
        setup.submit(BareJid.ofDomain(host), turn -> {
            Kept kept = turn.get(owners, hash);
            if (kept == null) {
                turn.afterwards(() -> then.accept(null));
                return;
            }
            turn.askOwner(
                    kept.inviter(),
                    there -> usable(hash, there),
                    (later, invitation) -> later.afterwards(
                            () -> then.accept(invitation == null ? null : new Found(kept.inviter(), invitation))));
        });
    }

    /** In a turn of the inviter. */
    private @Nullable Invitation usable(String hash, Turn turn) {
        Invitation invitation = find(hash, turn);
        return invitation == null || invitation.used() || invitation.expires() <= Micros.of(turn.now())
                ? null
                : invitation;
    }

    @Override
    public void find(String host, String token, Consumer<Registrations.@Nullable Invitation> then) {
        look(
                host,
                token,
                found -> then.accept(
                        found == null || !found.invitation().purpose().registers()
                                ? null
                                : new Grant(found.inviter(), token, found.invitation())));
    }

    @Override
    public void isKept(BareJid name, Consumer<Boolean> then) {
        setup.submit(BareJid.ofDomain(name.domain()), turn -> {
            boolean kept = turn.get(names, String.valueOf(name.local())) != null;
            turn.afterwards(() -> then.accept(kept));
        });
    }

    // ---- used
    // --------------------------------------------------------------------------------------------------------

    /** One that a stream has shown; whether it has expired was looked at then, and is not again (XEP-0445 §4). */
    private final class Grant implements Registrations.Invitation {
        private final BareJid inviter;
        private final String token;
        private final Invitation shown;

        Grant(BareJid inviter, String token, Invitation shown) {
            this.inviter = inviter;
            this.token = token;
            this.shown = shown;
        }

        @Override
        public @Nullable String username() {
            return shown.username();
        }

        @Override
        public void register(BareJid account, Credentials keys, Consumer<@Nullable Outcome> then) {
            setup.submit(inviter, turn -> {
                Invitation invitation = find(hash(token), turn);
                if (invitation == null || !invitation.isFor(account)) {
                    turn.afterwards(() -> then.accept(null));
                    return;
                }
                turn.put(invitations, hash(token), invitation.takenBy(account));
                turn.afterwards(() -> create(account, keys, then));
            });
        }

        private void create(BareJid account, Credentials keys, Consumer<@Nullable Outcome> then) {
            accounts.ask(account, turn -> {
                        Outcome outcome = accounts.create(turn, keys);
                        if (outcome == Outcome.DONE && shown.purpose().befriends()) {
                            roster.befriend(inviter, Element.of(PREAUTH).attr("token", token), turn);
                        }
                        return outcome;
                    })
                    .whenComplete((outcome, failure) -> {
                        if (outcome == Outcome.DONE) {
                            log.info("{} was made by an invitation of {}", account, inviter);
                        }
                        settle(account, outcome == Outcome.DONE);
                        then.accept(failure == null ? outcome : Outcome.UNKNOWN);
                    });
        }

        /** What is about a contact is settled when the inviter's roster has it. */
        private void settle(BareJid account, boolean made) {
            if (made && shown.purpose().befriends()) {
                return;
            }
            setup.submit(inviter, turn -> {
                Invitation invitation = find(hash(token), turn);
                if (invitation != null && invitation.isFor(account)) {
                    turn.put(invitations, hash(token), made ? invitation.usedBy(account) : invitation.takenBy(null));
                }
            });
        }
    }

    /** XEP-0379 §3.5: a request with a token is granted in the batch that uses the token up; any other is for the user. */
    @Override
    public boolean approves(BareJid contact, Presence request, Turn turn) {
        Element preauth = request.payload().first(PREAUTH);
        String token = preauth == null ? null : preauth.attr("token");
        if (token == null) {
            return false;
        }
        String hash = hash(token);
        Invitation invitation = turn.get(invitations, hash);
        if (invitation == null || !invitation.purpose().befriends() || !invitation.isFor(contact)) {
            return false;
        }
        boolean hasRegistered = invitation.takenBy() != null;
        if (!hasRegistered
                && (!invitation.purpose().isAboutContact() || invitation.expires() <= Micros.of(turn.now()))) {
            return false;
        }
        turn.put(invitations, hash, invitation.usedBy(contact));
        return true;
    }

    // ---- listed, and taken back
    // -----------------------------------------------------------------------------------------

    /** Those that the turn's account or host has made for a host. */
    List<Made> of(String host, Turn turn) {
        return turn.scan(invitations, Range.all(), Direction.FORWARD, MAX_LISTED).stream()
                .filter(row -> row.value().host().equals(host))
                .map(row -> Made.of(row.key(), turn.jid(), row.value()))
                .toList();
    }

    /** Those of a host and of its users. Any thread. @param then on any thread; must only post work */
    public void list(String host, Consumer<List<Made>> then) {
        setup.submit(BareJid.ofDomain(host), turn -> {
            List<Row<String, Kept>> rows = turn.scan(owners, Range.all(), Direction.FORWARD, MAX_LISTED);
            List<Made> made = new ArrayList<>();
            if (rows.isEmpty()) {
                turn.afterwards(() -> then.accept(made));
            }
            int[] asked = {rows.size()};
            for (Row<String, Kept> row : rows) {
                BareJid inviter = row.value().inviter();
                turn.askOwner(inviter, there -> find(row.key(), there), (later, invitation) -> {
                    if (invitation != null) {
                        made.add(Made.of(row.key(), inviter, invitation));
                    }
                    if (--asked[0] == 0) {
                        later.afterwards(() -> then.accept(made));
                    }
                });
            }
        });
    }

    private @Nullable Invitation find(String hash, Turn turn) {
        return turn.exists() ? turn.get(invitations, hash) : null;
    }

    /**
     * Takes back what nobody has used. Any thread.
     *
     * @param by only if it is of this inviter; null for anybody's
     * @param then whether there was such an invitation; on any thread, and must only post work
     */
    public void takeBack(String host, String id, @Nullable BareJid by, Consumer<Boolean> then) {
        setup.submit(BareJid.ofDomain(host), turn -> {
            Row<String, Kept> row = id.length() != ID_LENGTH
                    ? null
                    : turn.scan(owners, Range.all(), Direction.FORWARD, Integer.MAX_VALUE).stream()
                            .filter(each -> each.key().startsWith(id))
                            .findFirst()
                            .orElse(null);
            if (row == null || by != null && !by.equals(row.value().inviter())) {
                turn.afterwards(() -> then.accept(false));
                return;
            }
            turn.askOwner(row.value().inviter(), there -> isTakenBack(row.key(), there), (later, done) -> {
                boolean gone = Boolean.TRUE.equals(done);
                if (gone) {
                    forget(row.key(), later);
                }
                later.afterwards(() -> then.accept(gone));
            });
        });
    }

    /** In a turn of the inviter. */
    private boolean isTakenBack(String hash, Turn turn) {
        Invitation invitation = find(hash, turn);
        if (invitation == null || invitation.takenBy() != null) {
            return false;
        }
        turn.delete(invitations, hash);
        return true;
    }

    private void expire(byte[] data, Turn turn) {
        String hash = new String(data, StandardCharsets.US_ASCII);
        turn.delete(invitations, hash);
        forget(hash, turn);
    }

    /** In a turn of the host. */
    private void forget(String hash, Turn turn) {
        Kept kept = turn.get(owners, hash);
        if (kept != null) {
            turn.delete(owners, hash);
            if (kept.username() != null) {
                turn.delete(names, kept.username());
            }
        }
    }

    /** Of a token there is only this on the disk, so that a copy of the disk invites nobody. */
    private static String hash(String token) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private static void write(ValueWriter out, Kept kept) {
        out.text(kept.inviter().toString()).nullableText(kept.username());
    }

    private static Kept read(ValueReader in) {
        return new Kept((BareJid) Jid.prepared(in.text()), in.nullableText());
    }
}
