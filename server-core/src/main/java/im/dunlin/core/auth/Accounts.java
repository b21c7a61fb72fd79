// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Lanes;
import im.dunlin.core.lane.Owner;
import im.dunlin.core.lane.OwnerKind;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.lane.TurnBody;
import im.dunlin.core.session.ClientSession;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Store;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
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

    /** The kind of the timer that goes on with a removal; whoever declares it calls {@link #remove(Turn)}. */
    public static final String REMOVAL = "accounts.removal";

    private final ServerConfig config;
    private final Store store;
    private final Lanes lanes;
    private final Table<Keys.Single, Credentials> credentials;
    private final List<PasswordStep> passwordChanged = new ArrayList<>();
    private final List<TurnBody> disabled = new ArrayList<>();
    private final List<RemovalStep> beforeRemoval = new ArrayList<>();

    public Accounts(ServerConfig config, Store store, Lanes lanes) {
        this.config = config;
        this.store = store;
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

    /** Asks something in a turn of this name, whether or not there is such an account. */
    public <R> CompletableFuture<R> ask(BareJid account, Function<Turn, R> question) {
        return lanes.call(account, question);
    }

    /** Replaces the credentials; whatever was granted on the old password is no longer good. */
    public CompletableFuture<Outcome> setPassword(BareJid account, Credentials keys) {
        return lanes.call(account, turn -> setPassword(turn, keys, null));
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

    /** The state of an account as it is now; null if it has none. Reads the store: any thread that may wait. */
    public @Nullable AccountState state(Owner account) {
        Credentials keys = store.get(credentials, account.key(), Keys.Single.ROW);
        return keys == null ? null : keys.state();
    }

    /** The accounts of a host, in no order. As {@link #list}. */
    public void forEach(String host, Consumer<Owner> then) {
        lanes.forEachOwner(OwnerKind.ACCOUNT, owner -> {
            if (owner.jid().domain().equals(host)) {
                then.accept(owner);
            }
        });
    }

    // ---- in a turn of the account
    // ------------------------------------------------------------------------------------

    /** What would come of {@link #create}. */
    public Outcome mayCreate(Turn turn) {
        BareJid account = turn.jid();
        if (account.local() == null || !config.hosts().containsKey(account.domain())) {
            return Outcome.NO_ACCOUNT_NAME;
        }
        if (turn.exists()) {
            return Outcome.TAKEN;
        }
        return turn.isReserved() ? Outcome.RESERVED : Outcome.DONE;
    }

    public Outcome create(Turn turn, Credentials keys) {
        Outcome outcome = mayCreate(turn);
        if (outcome == Outcome.DONE) {
            turn.createOwner(OwnerKind.ACCOUNT);
            turn.put(credentials, Keys.Single.ROW, keys);
        }
        return outcome;
    }

    /** What is on its way in under this name becomes an account. */
    public void admit(Turn turn, Credentials keys) {
        turn.put(credentials, Keys.Single.ROW, keys);
        turn.admitIncoming();
    }

    public @Nullable Credentials find(Turn turn) {
        return turn.exists() ? turn.get(credentials, Keys.Single.ROW) : null;
    }

    /** Whether what a stream has proven still lets it in: not if the password was changed, or the account disabled, since. */
    public boolean isCurrent(Authenticated who, Turn turn) {
        Credentials keys = find(turn);
        return keys != null && keys.state() == AccountState.ACTIVE && keys.generation() == who.generation();
    }

    /** Lets an account be used, or no longer: then its sessions end, and modules may do more. All that it has stays. */
    public Outcome setState(Turn turn, AccountState state) {
        Credentials keys = isAccount(turn) ? find(turn) : null;
        if (keys == null) {
            return Outcome.UNKNOWN;
        }
        if (keys.state() != state) {
            turn.put(credentials, Keys.Single.ROW, keys.withState(state));
        }
        if (state == AccountState.DISABLED) {
            disabled.forEach(step -> step.run(turn));
        }
        return Outcome.DONE;
    }

    /** Adds keys of the present password where there are none; nothing that was granted ends. */
    public void addKeys(Turn turn, Collection<ScramKey> keys) {
        Credentials before = find(turn);
        if (before != null) {
            turn.put(credentials, Keys.Single.ROW, before.withMissing(keys));
        }
    }

    /** @param by the session that changes it, which keeps what it has; null if it is none of the account's */
    public Outcome setPassword(Turn turn, Credentials keys, @Nullable ClientSession by) {
        Credentials before = isAccount(turn) ? find(turn) : null;
        if (before == null) {
            return Outcome.UNKNOWN;
        }
        turn.put(credentials, Keys.Single.ROW, keys.withState(before.state()));
        passwordChanged.forEach(step -> step.changed(turn, by));
        return Outcome.DONE;
    }

    /**
     * Removes the account, or begins to: where one batch cannot hold what has to happen, the rest follows in turns of its own,
     * also after a restart. Nobody can log in meanwhile.
     */
    public Outcome remove(Turn turn) {
        if (!isAccount(turn)) {
            return Outcome.UNKNOWN;
        }
        boolean ready = true;
        for (RemovalStep step : beforeRemoval) {
            ready &= step.isDone(turn);
        }
        if (ready) {
            turn.deleteAll(credentials);
            turn.removeOwner(turn.now().plus(config.host(turn.jid().domain()).reserveNames()));
        } else {
            removeSoon(turn);
        }
        return Outcome.DONE;
    }

    /** Removes the account in a turn of its own, behind this one and whatever it sends; durable when this turn is. */
    public void removeSoon(Turn turn) {
        Credentials keys = find(turn);
        if (keys != null) {
            turn.put(credentials, Keys.Single.ROW, keys.withState(AccountState.DISABLED));
        }
        turn.schedule(REMOVAL, turn.now(), new byte[0]);
    }

    private static boolean isAccount(Turn turn) {
        return turn.exists() && turn.owner().kind() == OwnerKind.ACCOUNT;
    }

    // ---- modules that take part
    // ----------------------------------------------------------------------------------------

    /** Ends, in the turn that changes a password, what was granted on the old one. */
    @FunctionalInterface
    public interface PasswordStep {
        /** @param by the session that changed it, which keeps what it has */
        void changed(Turn turn, @Nullable ClientSession by);
    }

    /** Does, before an account goes, what one batch might not hold. */
    @FunctionalInterface
    public interface RemovalStep {
        /** Does a bounded part of it. @return whether nothing is left to do */
        boolean isDone(Turn turn);
    }

    /** While the server is being built. */
    public void whenPasswordChanges(PasswordStep step) {
        passwordChanged.add(step);
    }

    /** Runs in the turn that disables an account. While the server is being built. */
    public void whenDisabled(TurnBody step) {
        disabled.add(step);
    }

    /** While the server is being built. */
    public void beforeRemoval(RemovalStep step) {
        beforeRemoval.add(step);
    }
}
