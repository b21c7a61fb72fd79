// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.payload.Recipient;
import im.dunlin.storage.Direction;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Keys;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Range;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The registrations of each account.
 *
 * <pre>
 * push-registrations   number → the registration, encrypted ({@link Sealing})
 * push-changes         –      → when the hour began, and how often registrations have changed in it
 * </pre>
 *
 * <p>Most accounts have none, and messages to them must not pay for those who have: which accounts do is known in memory. That
 * set may name one that has none any more, and never lacks one that has.
 */
public final class Registrations {
    /** The name is authenticated with each row. */
    static final String TABLE = "push-registrations";

    /** One that nobody used for so long gives way to a new one. */
    private static final Duration STALE = Duration.ofDays(30);

    /** A device that was not connected for so long has lost its app, or its user. */
    private static final Duration UNUSED = Duration.ofDays(60);

    /** How exactly it is known when a device was last connected. */
    private static final Duration SEEN_WITHIN = Duration.ofDays(1);

    private static final Duration HOUR = Duration.ofHours(1);

    private static final CacheKey<List<Registration>> CACHED = new CacheKey<>("push.registrations");

    static final TableSpec<Long, byte[]> REGISTRATIONS = new TableSpec<>(TABLE, Shape.POINT, Keys.NUMBER, Values.BYTES);

    /** @param since microseconds */
    record Changes(long since, long count) {}

    static final TableSpec<Keys.Single, Changes> CHANGES = new TableSpec<>(
            "push-changes",
            Shape.POINT,
            Keys.SINGLE,
            Values.versioned(
                    1,
                    (out, changes) -> out.fixed64(changes.since()).varint(changes.count()),
                    in -> new Changes(in.fixed64(), in.varint())));

    /** @param perAccount registrations of one account @param perHour changes of them in an hour */
    public record Limits(int perAccount, int perHour) {}

    private final Table<Long, byte[]> table;
    private final Table<Keys.Single, Changes> changes;
    private final Sealing sealing;
    private final Predicate<String> isOn;
    private final byte[] secret;
    private final Set<OwnerKey> owners = ConcurrentHashMap.newKeySet();

    /** @param isOn whether accounts of a domain may have any; those of others are kept and not used */
    public Registrations(Setup setup, Predicate<String> isOn) {
        this.isOn = isOn;
        sealing = new Sealing(setup.secret("push"));
        secret = setup.secret("push-recipients");
        table = setup.table(REGISTRATIONS);
        changes = setup.table(CHANGES);
        setup.everyRow(table, row -> owners.add(row.owner())).accountRemoved(turn -> {
            OwnerKey gone = turn.owner().key();
            turn.afterwards(() -> owners.remove(gone));
        });
    }

    // ---- reading
    // -----------------------------------------------------------------------------------------------------

    /** How many accounts have any. Any thread. */
    public int owners() {
        return owners.size();
    }

    /** Whether the account may have any. Reads nothing. */
    public boolean mayHave(Turn turn) {
        return turn.exists()
                && owners.contains(turn.owner().key())
                && isOn.test(turn.jid().domain());
    }

    /** All of the account, the oldest first; disabled ones among them. */
    public List<Registration> of(Turn turn) {
        if (!mayHave(turn)) {
            return List.of();
        }
        List<Registration> found = turn.cached(CACHED, () -> load(turn));
        if (found.isEmpty()) {
            owners.remove(turn.owner().key());
        }
        return found;
    }

    private List<Registration> load(Turn turn) {
        OwnerKey owner = turn.owner().key();
        return turn.scan(table, Range.all(), Direction.FORWARD, Integer.MAX_VALUE).stream()
                .map(row -> RegistrationCodec.VALUE.read(sealing.open(TABLE, owner, row.key(), row.value())))
                .toList();
    }

    /** Whom its pushes are written for. What they hide is hidden by a secret that nobody but this server has. */
    public Recipient recipient(Registration registration, Turn turn) {
        OwnerKey owner = turn.owner().key();
        byte[] place = new KeyWriter()
                .u16(owner.slot())
                .u64(owner.number())
                .u64(registration.number())
                .toBytes();
        Wishes wishes = registration.wishes();
        return new Recipient(
                turn.jid(),
                registration.node(),
                ScramHash.SHA_256.hmac(secret, place),
                wishes.key(),
                wishes.capabilities(),
                wishes.locale(),
                wishes.plain());
    }

    public @Nullable Registration find(long number, Turn turn) {
        for (Registration registration : of(turn)) {
            if (registration.number() == number) {
                return registration;
            }
        }
        return null;
    }

    // ---- what clients do
    // ---------------------------------------------------------------------------------------------

    /**
     * Keeps a registration; one of the same node is replaced, and one that the same app had on the same device. Saying again
     * what is kept already costs a client nothing, so that it may do so at each login.
     *
     * @return it, as it is kept
     * @throws im.dunlin.core.stanza.StanzaException at the limits
     */
    Registration enable(Registration wanted, Limits limits, Turn turn) {
        List<Registration> known = of(turn);
        for (Registration same : known) {
            if (same.says(wanted)) {
                if (same.health().equals(Health.GOOD) && isFresh(same, turn)) {
                    return same;
                }
                Registration renewed = same.with(Health.GOOD).seen(Micros.of(turn.now()));
                put(renewed, turn);
                return renewed;
            }
        }
        List<Registration> replaced =
                known.stream().filter(old -> isReplaced(old, wanted)).toList();
        Registration stale = replaced.isEmpty() && known.size() >= limits.perAccount() ? stalest(known, turn) : null;
        count(limits, turn);
        if (stale != null) {
            remove(stale, turn);
        }
        replaced.forEach(old -> remove(old, turn));
        Registration kept = wanted.registered(turn.stamp(), Micros.of(turn.now()));
        put(kept, turn);
        return kept;
    }

    private static boolean isReplaced(Registration old, Registration by) {
        // Xabber's clients have two with one service, for messages and for calls.
        return old.isSameNode(by)
                || old.dialect() == by.dialect()
                        && by.dialect() != Dialect.XABBER
                        && old.device().equals(by.device())
                        && old.service().equals(by.service());
    }

    /** What was asked for was refused, and counts as a change all the same: trying costs the server as much. */
    void refused(Limits limits, Turn turn) {
        Changes counted = oneMore(turn);
        if (counted.count() <= limits.perHour()) {
            turn.put(changes, Keys.Single.ROW, counted);
        }
    }

    private void count(Limits limits, Turn turn) {
        Changes counted = oneMore(turn);
        if (counted.count() > limits.perHour()) {
            throw StanzaError.policyViolation("registrations were changed " + limits.perHour() + " times in an hour")
                    .withType(StanzaError.Type.WAIT)
                    .toException();
        }
        turn.put(changes, Keys.Single.ROW, counted);
    }

    private Changes oneMore(Turn turn) {
        Changes last = turn.get(changes, Keys.Single.ROW);
        boolean sameHour =
                last != null && Micros.toInstant(last.since()).plus(HOUR).isAfter(turn.now());
        return last != null && sameHour
                ? new Changes(last.since(), last.count() + 1)
                : new Changes(Micros.of(turn.now()), 1);
    }

    /** One that makes room for a new one. */
    private static Registration stalest(List<Registration> known, Turn turn) {
        long stale = Micros.of(turn.now().minus(STALE));
        return known.stream()
                .filter(old -> old.health().isDisabled() || old.seen() < stale)
                .min(Comparator.comparingLong(Registration::seen))
                .orElseThrow(() -> StanzaError.resourceConstraint(
                                "an account has at most " + known.size() + " registrations")
                        .toException());
    }

    /** Removes those of which that is true. */
    public void disable(Predicate<Registration> which, Turn turn) {
        of(turn).stream().filter(which).forEach(registration -> remove(registration, turn));
    }

    // ---- what becomes of them
    // ----------------------------------------------------------------------------------------

    /** Writes how a registration fares; one that is gone meanwhile stays gone. */
    public void note(Registration registration, Health health, Turn turn) {
        Registration now = find(registration.number(), turn);
        if (now != null && !now.health().equals(health)) {
            put(now.with(health), turn);
        }
    }

    /**
     * An address of a device reaches nobody, as its provider says: nothing is sent there any more, and nothing at all if it was
     * the last one. One that the client has named meanwhile stays.
     *
     * @return whether the device has another
     */
    public boolean forget(Registration registration, PushAddress address, String reason, Turn turn) {
        Registration now = find(registration.number(), turn);
        if (now == null) {
            return false;
        }
        Registration left = now.without(address);
        Direct direct = left.wishes().direct();
        boolean hasAnother = direct != null && (direct.address() != null || direct.callAddress() != null);
        put(hasAnother ? left : left.with(left.health().disabled(reason, turn.now())), turn);
        return hasAnother;
    }

    /** The device is connected. */
    void seen(String device, Turn turn) {
        for (Registration registration : of(turn)) {
            if (registration.device().equals(device) && !isFresh(registration, turn)) {
                put(registration.seen(Micros.of(turn.now())), turn);
            }
        }
    }

    /** Disables what no device uses, and deletes what has been disabled for long. */
    void sweep(Turn turn) {
        for (Registration registration : of(turn)) {
            if (registration.health().isForgotten(turn.now())) {
                remove(registration, turn);
            } else if (!registration.health().isDisabled()
                    && Micros.toInstant(registration.seen()).plus(UNUSED).isBefore(turn.now())) {
                note(registration, registration.health().disabled("the device was not seen", turn.now()), turn);
            }
        }
    }

    private static boolean isFresh(Registration registration, Turn turn) {
        return Micros.toInstant(registration.seen()).plus(SEEN_WITHIN).isAfter(turn.now());
    }

    // ---- writing
    // -----------------------------------------------------------------------------------------------------

    private void put(Registration registration, Turn turn) {
        List<Registration> all = new ArrayList<>(of(turn));
        all.removeIf(old -> old.number() == registration.number());
        all.add(registration);
        all.sort(Comparator.comparingLong(Registration::number));
        // Before it is written: whoever looks in between reads once too often, which is better than not at all.
        owners.add(turn.owner().key());
        byte[] plain = RegistrationCodec.VALUE.write(registration);
        turn.put(table, registration.number(), sealing.seal(TABLE, turn.owner().key(), registration.number(), plain));
        cache(all, turn);
    }

    private void remove(Registration registration, Turn turn) {
        List<Registration> left = new ArrayList<>(of(turn));
        left.removeIf(old -> old.number() == registration.number());
        turn.delete(table, registration.number());
        cache(left, turn);
    }

    private static void cache(List<Registration> all, Turn turn) {
        List<Registration> kept = List.copyOf(all);
        turn.forget(CACHED);
        turn.cached(CACHED, () -> kept);
    }
}
