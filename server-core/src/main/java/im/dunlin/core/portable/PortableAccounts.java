// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.portable;

import im.dunlin.core.auth.AccountState;
import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.auth.ScramKey;
import im.dunlin.core.dispatch.ModuleRegistry;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Lanes;
import im.dunlin.core.lane.Owner;
import im.dunlin.core.lane.OwnerKind;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.AccountPart;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.BatchTooLargeException;
import im.dunlin.storage.Snapshot;
import im.dunlin.storage.Store;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Takes accounts out of this server and brings them in (docs/adr/0017). Any thread.
 *
 * <p>An account that is brought in is nobody's until it is whole: it is filled under an owner that only this sees, in as many turns
 * as that takes, and admitted with its credentials in one batch. One that is not admitted goes, with all that it has, before
 * another of its name begins or when the server starts.
 */
public final class PortableAccounts implements AutoCloseable {
    private final Store store;
    private final Lanes lanes;
    private final Accounts accounts;
    private final ModuleRegistry modules;

    /** Exports hold the one half, so that the store is not closed under them. */
    private final ReadWriteLock reading = new ReentrantReadWriteLock();

    private volatile boolean isClosed;

    public PortableAccounts(Store store, Lanes lanes, Accounts accounts, ModuleRegistry modules) {
        this.store = store;
        this.lanes = lanes;
        this.accounts = accounts;
        this.modules = modules;
    }

    // ---- out
    // ---------------------------------------------------------------------------------------------------------

    /** An account that can be taken out. */
    public record Found(Owner owner, Credentials credentials) {}

    /** @return null if there is no such account, or if it is being removed */
    public CompletableFuture<@Nullable Found> find(BareJid account) {
        return lanes.call(account, turn -> {
            Credentials credentials = accounts.find(turn);
            return credentials == null || credentials.state() != AccountState.ACTIVE
                    ? null
                    : new Found(turn.owner(), credentials);
        });
    }

    /** Writes the {@code <user/>} of an account as it is at one moment. Reads all that it has: neither for a lane nor for a loop. */
    public void export(Found account, OutputStream out) throws IOException {
        reading.readLock().lock();
        try {
            checkOpen();
            try (Snapshot snapshot = store.snapshot()) {
                export(account.owner(), account.credentials(), snapshot, out);
            }
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            reading.readLock().unlock();
        }
    }

    private void checkOpen() throws IOException {
        if (isClosed) {
            throw new IOException("the server stops");
        }
    }

    /** Ends what is being taken out. */
    @Override
    public void close() {
        isClosed = true;
        reading.writeLock().lock();
        reading.writeLock().unlock();
    }

    private void export(Owner account, Credentials credentials, Snapshot snapshot, OutputStream out)
            throws IOException {
        PortableWriter writer = new PortableWriter(out);
        writer.beginUser(String.valueOf(account.jid().local()));
        for (ScramKey key : credentials.keys()) {
            writer.piece(ScramCredentials.element(key));
        }
        for (AccountPart part : modules.accountParts(account.jid().domain())) {
            part.export(account, snapshot, piece -> {
                try {
                    checkOpen();
                    writer.piece(piece);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        writer.endUser();
    }

    // ---- in
    // ----------------------------------------------------------------------------------------------------------

    /**
     * What came of beginning to bring in an account.
     *
     * @param outcome {@code DONE} if it has begun
     * @param ticket that the other methods want: it is of this attempt
     */
    public record Begun(Accounts.Outcome outcome, long ticket) {}

    public CompletableFuture<Begun> begin(BareJid account) {
        return lanes.call(account, turn -> {
            Accounts.Outcome outcome = accounts.mayCreate(turn);
            return outcome == Accounts.Outcome.DONE
                    ? new Begun(outcome, turn.beginIncoming().key().number())
                    : new Begun(outcome, 0);
        });
    }

    /**
     * What came of some pieces.
     *
     * @param unknown elements that nobody here knows
     * @param refused which piece is wrong, by its number; -1 if none is
     * @param why null if none is
     */
    public record Taken(
            Set<Name> unknown, int refused, @Nullable String why) {}

    /**
     * Gives these pieces to the modules, all or none of them.
     *
     * @param pieces so many as fit into one batch
     */
    public CompletableFuture<Taken> take(BareJid account, long ticket, List<Element> pieces) {
        Map<Name, AccountPart> parts = new HashMap<>();
        modules.accountParts(account.domain()).forEach(part -> part.elements().forEach(name -> parts.put(name, part)));
        AtomicReference<Taken> refusal = new AtomicReference<>();
        return lanes.call(account, turn -> {
                    if (!enters(turn, ticket)) {
                        return new Taken(Set.of(), 0, "another import of this account has begun");
                    }
                    Set<Name> unknown = new LinkedHashSet<>();
                    for (int i = 0; i < pieces.size(); i++) {
                        AccountPart part = parts.get(pieces.get(i).name());
                        if (part == null) {
                            unknown.add(pieces.get(i).name());
                            continue;
                        }
                        try {
                            part.take(pieces.get(i), turn);
                        } catch (StanzaException | BatchTooLargeException e) {
                            refusal.set(new Taken(Set.of(), i, reason(e)));
                            // So that nothing of this turn happens.
                            throw e;
                        }
                    }
                    return new Taken(unknown, -1, null);
                })
                .handle((taken, failure) -> {
                    Taken refused = refusal.get();
                    if (taken == null && refused == null) {
                        throw new IllegalStateException(failure);
                    }
                    return taken != null ? taken : refused;
                });
    }

    private static String reason(RuntimeException failure) {
        if (failure instanceof StanzaException refused) {
            String text = refused.error().text();
            return text == null ? refused.error().condition().element().local() : text;
        }
        return "it is too large";
    }

    /**
     * All pieces have come: the account is there for everybody.
     *
     * @return false if another attempt has begun
     */
    public CompletableFuture<Boolean> admit(BareJid account, long ticket, Credentials credentials) {
        return admit(account, ticket, credentials, modules.accountParts(account.domain()), 0);
    }

    /** One part after the other, each in as many turns as it wants. */
    private CompletableFuture<Boolean> admit(
            BareJid account, long ticket, Credentials credentials, List<AccountPart> parts, int next) {
        if (next == parts.size()) {
            return lanes.call(account, turn -> {
                if (enters(turn, ticket)) {
                    accounts.admit(turn, credentials);
                    return true;
                }
                return false;
            });
        }
        record Step(boolean enters, boolean done) {}
        return lanes.call(account, turn -> {
                    boolean enters = enters(turn, ticket);
                    return new Step(enters, enters && parts.get(next).isComplete(turn));
                })
                .thenCompose(step -> step.enters()
                        ? admit(account, ticket, credentials, parts, step.done() ? next + 1 : next)
                        : CompletableFuture.completedFuture(false));
    }

    /** The attempt is given up. @return false if it was over already */
    public CompletableFuture<Boolean> drop(BareJid account, long ticket) {
        return lanes.call(account, turn -> {
            Owner incoming = turn.enterIncoming();
            if (incoming != null && incoming.key().number() == ticket) {
                turn.dropIncoming();
                return true;
            }
            return false;
        });
    }

    /** What attempts have left that a stop ended. When the server starts. */
    public void dropInterrupted() {
        List<Owner> left = new ArrayList<>();
        lanes.forEachOwner(OwnerKind.INCOMING, left::add);
        left.forEach(owner -> lanes.submit(owner.jid(), turn -> {
            if (turn.enterIncoming() != null) {
                turn.dropIncoming();
            }
        }));
    }

    /** @return whether this attempt is the one that is under way */
    private static boolean enters(Turn turn, long ticket) {
        Owner incoming = turn.enterIncoming();
        return incoming != null && incoming.key().number() == ticket;
    }
}
