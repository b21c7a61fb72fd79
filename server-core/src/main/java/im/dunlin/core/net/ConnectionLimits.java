// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.config.Limits;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many connections one address may open and hold; an IPv6 subscriber's /64 counts as one. Any thread, briefly: asked
 * once a connection. Memory is bounded by the open connections and those of the last seconds.
 */
public final class ConnectionLimits {
    /** Addresses that are remembered before those without connections are looked through. */
    private static final int LOOK_THROUGH_AT = 10_000;

    private static final class Address {
        int open;
        int unauthenticated;
        double tokens;
        long filledAt;
    }

    private final Limits.Connections limits;
    private final Map<Object, Address> addresses = new HashMap<>();
    private int lookThroughAt = LOOK_THROUGH_AT;

    ConnectionLimits(Limits.Connections limits) {
        this.limits = limits;
    }

    /** One connection in its address's share. Any thread. */
    public final class Admission {
        private final InetAddress from;
        private final Address address;
        private boolean authenticated;
        private boolean closed;

        private Admission(InetAddress from, Address address) {
            this.from = from;
            this.address = address;
        }

        public InetAddress from() {
            return from;
        }

        /** It has logged in. */
        public void authenticated() {
            synchronized (ConnectionLimits.this) {
                if (!authenticated && !closed) {
                    authenticated = true;
                    address.unauthenticated--;
                }
            }
        }

        /** It is gone. */
        public void close() {
            synchronized (ConnectionLimits.this) {
                if (!closed) {
                    closed = true;
                    address.open--;
                    address.unauthenticated -= authenticated ? 0 : 1;
                }
            }
        }
    }

    /**
     * Lets in one more connection from this address, which counts until it is closed.
     *
     * @param now {@link System#nanoTime}
     * @return null if the address has had its share
     */
    public synchronized @Nullable Admission admit(InetAddress from, long now) {
        Address address = addresses.computeIfAbsent(network(from), ignored -> {
            Address fresh = new Address();
            fresh.tokens = limits.burst();
            fresh.filledAt = now;
            return fresh;
        });
        fill(address, now);
        if (address.tokens < 1
                || address.open >= limits.open()
                || address.unauthenticated >= limits.unauthenticated()) {
            return null;
        }
        address.tokens--;
        address.open++;
        address.unauthenticated++;
        if (addresses.size() > lookThroughAt) {
            forgetIdle(now);
        }
        return new Admission(from, address);
    }

    /** Lets in one from an address that has no share: a proxy that is trusted, and speaks for many. */
    public Admission exempt(InetAddress from) {
        return new Admission(from, new Address());
    }

    private void fill(Address address, long now) {
        double seconds = Math.max(0, now - address.filledAt) / 1e9;
        address.tokens = Math.min(limits.burst(), address.tokens + seconds * limits.perSecond());
        address.filledAt = now;
    }

    private void forgetIdle(long now) {
        for (Iterator<Address> each = addresses.values().iterator(); each.hasNext(); ) {
            Address address = each.next();
            fill(address, now);
            if (address.open == 0 && address.tokens >= limits.burst()) {
                each.remove();
            }
        }
        lookThroughAt = Math.max(LOOK_THROUGH_AT, 2 * addresses.size());
    }

    private static Object network(InetAddress address) {
        return address instanceof Inet6Address
                ? java.nio.ByteBuffer.wrap(Arrays.copyOf(address.getAddress(), 8))
                : address;
    }
}
