// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import im.dunlin.core.config.Registration;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bounds how many accounts strangers make on one host (threat R11): one in a while from one network, so many an hour in all,
 * and only so many attempts at finding a free name. Any thread; memory is bounded, the oldest networks go first.
 */
public final class RegistrationThrottle {
    private static final Duration HOUR = Duration.ofHours(1);

    /** Names that a network may try while it looks for one that is free. */
    private static final int ATTEMPTS = 10;

    private static final int NETWORKS = 10_000;

    private static final class Seen {
        final Instant since;
        int attempts;
        boolean registered;

        Seen(Instant since) {
            this.since = since;
        }
    }

    private final Map<String, Seen> networks = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Seen> eldest) {
            return size() > NETWORKS;
        }
    };
    private Instant hour = Instant.MIN;
    private int thisHour;

    /** Counts an attempt. @return whether it may go on */
    public synchronized boolean admit(InetAddress address, Registration limits, Instant now) {
        String network = network(address);
        Seen seen = networks.get(network);
        if (seen == null || !seen.since.plus(limits.perAddress()).isAfter(now)) {
            networks.remove(network);
            seen = new Seen(now);
            networks.put(network, seen);
        }
        if (!hour.plus(HOUR).isAfter(now)) {
            hour = now;
            thisHour = 0;
        }
        return !seen.registered && ++seen.attempts <= ATTEMPTS && thisHour < limits.perHour();
    }

    /** An account is about to be made for an attempt that was admitted. @return false if others were faster */
    public synchronized boolean take(InetAddress address, Registration limits) {
        if (thisHour >= limits.perHour()) {
            return false;
        }
        Seen seen = networks.get(network(address));
        // Without a pause between the accounts of a network, several may be made at once.
        if (!limits.perAddress().isZero()) {
            if (seen == null || seen.registered) {
                return false;
            }
            seen.registered = true;
        }
        thisHour++;
        return true;
    }

    /** An IPv6 subscriber has a whole /64. */
    private static String network(InetAddress address) {
        byte[] octets = address.getAddress();
        return Arrays.toString(octets.length == 16 ? Arrays.copyOf(octets, 8) : octets);
    }
}
