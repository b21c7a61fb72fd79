// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Lanes;
import im.dunlin.core.lane.OwnerKind;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.lane.TurnBody;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Store;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of the served domains: made, looked up, given another password, removed.
 *
 * <pre>
 * credentials   slot · number   → keys and state
 * </pre>
 *
 * <p>Methods that return a future may be called from any thread; it completes on an unspecified thread that must not be held
 * up, when what was done is durable, and fails only when the server could not do it. Methods that take a {@link Turn} belong
 * into a turn of the account.
 */
public final class Accounts {
    /** What came of a change. */
    public enum Outcome {
        DONE,
        /** There is an account of that name. */
        TAKEN,
        /** There was one, and its name may not be given away yet ({@code reserveNames}). */
        RESERVED,
        /** There is no account of that name. */
        UNKNOWN,
        /** An account needs a localpart, no resource, and a domain that is served here. */
        NO_ACCOUNT_NAME
    }

    private static final TableSpec<Keys.Single, Credentials> CREDENTIALS =
            new TableSpec<>("credentials", Shape.POINT, Keys.SINGLE, Credentials.CODEC);

    private final ServerConfig config;
    private final Lanes lanes;
    private final Table<Keys.Single, Credentials> credentials;
    private final List<TurnBody> passwordChanged = new ArrayList<>();

    public Accounts(ServerConfig config, Store store, Lanes lanes) {
        this.config = config;
        this.lanes = lanes;
        this.credentials = store.open(CREDENTIALS);
    }

    // ---- from outside
    // ------------------------------------------------------------------------------------------------

    /** Makes an account, with everything that modules give a new one. */
    public CompletableFuture<Outcome> create(BareJid account, Credentials keys) {
        return lanes.call(account, turn -> create(turn, keys));
    }

    /** What the account is checked against; null if there is none. */
    public CompletableFuture<@Nullable Credentials> find(BareJid account) {
        return lanes.call(account, this::find);
    }

    /** Replaces the credentials; whatever was granted on the old password is no longer good. */
    public CompletableFuture<Outcome> setPassword(BareJid account, Credentials keys) {
        return lanes.call(account, turn -> setPassword(turn, keys));
    }

    /**
     * Better keys of the same password take the place of those they were made from, unless these were changed meanwhile;
     * nothing that was granted ends.
     */
    public CompletableFuture<Outcome> upgrade(BareJid account, SaslStep.Upgrade upgrade) {
        return lanes.call(account, turn -> {
            if (!upgrade.seen().equals(find(turn))) {
                return Outcome.UNKNOWN;
            }
            turn.put(credentials, Keys.Single.ROW, upgrade.replacement());
            return Outcome.DONE;
        });
    }

    /** Ends the account's sessions, tells whom modules tell, erases all that it has, and reserves its name. */
    public CompletableFuture<Outcome> remove(BareJid account) {
        return lanes.call(account, this::remove);
    }

    /**
     * Accounts in the order of their names. Reads the whole directory: for an operator, not for a lane.
     *
     * @param host only of this domain; null for all
     * @param after the last one of the page before; null for the first page
     */
    public List<BareJid> list(@Nullable String host, @Nullable BareJid after, int limit) {
        TreeSet<BareJid> page = new TreeSet<>();
        lanes.forEachOwner(OwnerKind.ACCOUNT, owner -> {
            BareJid jid = owner.jid();
            if ((host == null || jid.domain().equals(host)) && (after == null || jid.compareTo(after) > 0)) {
                page.add(jid);
                if (page.size() > limit) {
                    page.pollLast();
                }
            }
        });
        return List.copyOf(page);
    }

    // ---- in a turn of the account
    // ------------------------------------------------------------------------------------

    public Outcome create(Turn turn, Credentials keys) {
        BareJid account = turn.jid();
        if (account.local() == null || !config.hosts().containsKey(account.domain())) {
            return Outcome.NO_ACCOUNT_NAME;
        }
        if (turn.exists()) {
            return Outcome.TAKEN;
        }
        if (turn.isReserved()) {
            return Outcome.RESERVED;
        }
        turn.createOwner(OwnerKind.ACCOUNT);
        turn.put(credentials, Keys.Single.ROW, keys);
        return Outcome.DONE;
    }

    public @Nullable Credentials find(Turn turn) {
        return turn.exists() ? turn.get(credentials, Keys.Single.ROW) : null;
    }

    public Outcome setPassword(Turn turn, Credentials keys) {
        if (!isAccount(turn)) {
            return Outcome.UNKNOWN;
        }
        turn.put(credentials, Keys.Single.ROW, keys);
        passwordChanged.forEach(step -> step.run(turn));
        return Outcome.DONE;
    }

    /** Nobody can log in any more, until another password is set. Sessions go on. */
    public Outcome disable(Turn turn) {
        Credentials keys = find(turn);
        if (keys == null) {
            return Outcome.UNKNOWN;
        }
        turn.put(credentials, Keys.Single.ROW, keys.withState(AccountState.DISABLED));
        return Outcome.DONE;
    }

    public Outcome remove(Turn turn) {
        if (!isAccount(turn)) {
            return Outcome.UNKNOWN;
        }
        turn.deleteAll(credentials);
        turn.removeOwner(turn.now().plus(config.host(turn.jid().domain()).reserveNames()));
        return Outcome.DONE;
    }

    private static boolean isAccount(Turn turn) {
        return turn.exists() && turn.owner().kind() == OwnerKind.ACCOUNT;
    }

    // ---- whoever grants something on a password
    // ----------------------------------------------------------------------

    /**
     * Adds what is to be done in the turn that changes a password: end what was granted on the old one to other sessions than
     * the turn's own. While the server is being built.
     */
    public void whenPasswordChanges(TurnBody step) {
        passwordChanged.add(step);
    }
}
