// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import im.dunlin.core.jid.BareJid;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Slows down who guesses passwords.
 *
 * <p>Failed logins are counted for fifteen minutes: by address and account together, by address, and by account. At the
 * limit of the first two further attempts are refused unjudged. An account alone is never refused, or a stranger could
 * lock its owner out; it is only delayed. Addresses are networks: an IPv6 subscriber has a whole /64.
 *
 * <p>Parallel attempts that are being judged are not counted before they fail; how many there can be is bounded by the
 * unauthenticated connections that one address may have.
 *
 * <p>Any thread. Memory is bounded: the oldest counters go first.
 */
public final class AuthThrottle {
    /**
     * The limits; the defaults are those of Openfire's console and of common practice.
     *
     * @param window how long a failure is remembered at most
     * @param failuresPerAddressAndAccount from which on that account is refused to that address
     * @param failuresPerAddress from which on the address is refused
     * @param failuresPerAccount from which on every attempt at the account is delayed
     * @param maxCounters how many counters are kept, at about 100 octets
     */
    public record Limits(
            Duration window,
            int failuresPerAddressAndAccount,
            int failuresPerAddress,
            int failuresPerAccount,
            int maxCounters) {
        public static final Limits DEFAULT = new Limits(Duration.ofMinutes(15), 10, 40, 20, 100_000);

        public Limits {
            if (window.isNegative() || window.isZero()) {
                throw new IllegalArgumentException("window: " + window + " (expected: more than nothing)");
            }
            if (failuresPerAddressAndAccount < 1
                    || failuresPerAddress < 1
                    || failuresPerAccount < 1
                    || maxCounters < 3) {
                throw new IllegalArgumentException("limits of failed logins must be positive, and counters at least 3");
            }
        }
    }

    /** Failed logins after which a stream is closed with {@code policy-violation}. */
    public static final int FAILURES_PER_STREAM = 3;

    /** Exchanges begun on a stream, however they ended, after which it is closed: a bound on work without a guess. */
    public static final int EXCHANGES_PER_STREAM = 10;

    private static final Duration FIRST_DELAY = Duration.ofMillis(500);
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(8);

    /**
     * Whose failures. Hashes do: whoever finds an account with the same hash as another's makes its owner wait as he
     * could by naming it.
     */
    private record Key(@Nullable Long network, @Nullable Integer account) {}

    private static final class Counter {
        final long startedMillis;
        int failures;

        Counter(long startedMillis) {
            this.startedMillis = startedMillis;
        }
    }

    private final Limits limits;
    private final InstantSource clock;

    /** Oldest first: entries are replaced, not renewed, when their window has passed. */
    private final Map<Key, Counter> counters = new LinkedHashMap<>();

    public AuthThrottle(Limits limits, InstantSource clock) {
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * Whether an attempt may be judged, and how long to wait before it is, whatever its outcome: an answer that came
     * sooner when it is good would make waiting for the others needless.
     *
     * @return null if it is refused: the answer is {@link SaslCondition#TEMPORARY_AUTH_FAILURE}, for existing and
     *     unknown accounts alike
     */
    public synchronized @Nullable Duration admit(InetAddress address, BareJid account) {
        long network = network(address);
        int pair = failures(new Key(network, account.hashCode()));
        if (pair >= limits.failuresPerAddressAndAccount()
                || failures(new Key(network, null)) >= limits.failuresPerAddress()) {
            return null;
        }
        int beyond = failures(new Key(null, account.hashCode())) - limits.failuresPerAccount() + 1;
        return delay(Math.max(pair, beyond));
    }

    /** Counts a {@link SaslStep.Failure} that was a guess. */
    public synchronized void failed(InetAddress address, BareJid account) {
        long network = network(address);
        count(new Key(network, account.hashCode()));
        count(new Key(network, null));
        count(new Key(null, account.hashCode()));
    }

    /** Forgets what this address did to this account; what it did to others stays. */
    public synchronized void succeeded(InetAddress address, BareJid account) {
        counters.remove(new Key(network(address), account.hashCode()));
    }

    /** How many counters are kept now. */
    public synchronized int size() {
        return counters.size();
    }

    private int failures(Key key) {
        Counter counter = counters.get(key);
        return counter == null || isOver(counter) ? 0 : counter.failures;
    }

    private void count(Key key) {
        Counter counter = counters.get(key);
        if (counter == null || isOver(counter)) {
            counters.remove(key);
            counter = new Counter(clock.millis());
            makeRoom();
            counters.put(key, counter);
        }
        counter.failures++;
    }

    private void makeRoom() {
        Iterator<Counter> oldestFirst = counters.values().iterator();
        while (oldestFirst.hasNext()) {
            Counter oldest = oldestFirst.next();
            if (counters.size() < limits.maxCounters() && !isOver(oldest)) {
                return;
            }
            oldestFirst.remove();
        }
    }

    private boolean isOver(Counter counter) {
        long age = clock.millis() - counter.startedMillis;
        // A clock that was set back must not keep anyone out for longer.
        return age < 0 || age >= limits.window().toMillis();
    }

    /** None, then half a second, doubled by each further failure up to eight. */
    private static Duration delay(int failures) {
        if (failures <= 0) {
            return Duration.ZERO;
        }
        Duration delay = FIRST_DELAY.multipliedBy(1L << Math.min(failures - 1, 10));
        return delay.compareTo(LONGEST_DELAY) < 0 ? delay : LONGEST_DELAY;
    }

    private static long network(InetAddress address) {
        ByteBuffer octets = ByteBuffer.wrap(address.getAddress());
        // No subscriber has one of the IPv6 networks that begin with 32 zero bits, so the two families stay apart.
        return address instanceof Inet6Address ? octets.getLong() : octets.getInt() & 0xFFFF_FFFFL;
    }
}
