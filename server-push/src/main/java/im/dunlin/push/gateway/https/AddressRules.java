// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.https;

import im.dunlin.core.config.AddressRange;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where connections may go. What a stranger names must lead out of the operator's network: to a public address and to port
 * 443.
 */
public final class AddressRules {
    /** The special addresses of RFC 6890 and what stands for one of IPv4. */
    private static final List<AddressRange> SPECIAL = ranges(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "::/96",
            "64:ff9b:1::/48",
            "100::/64",
            "2001::/23",
            "2001:db8::/32",
            "3fff::/20",
            "5f00::/16",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8");

    private static final AddressRange NAT64 = range("64:ff9b::/96");
    private static final AddressRange SIX_TO_FOUR = range("2002::/16");

    /** Public addresses only. */
    public static final AddressRules PUBLIC = new AddressRules(List.of(), false);

    /** Everywhere: for services that the operator or their documentation names. */
    public static final AddressRules ANYWHERE = new AddressRules(List.of(), true);

    private final List<AddressRange> allowed;
    private final boolean isAnywhere;

    private AddressRules(List<AddressRange> allowed, boolean isAnywhere) {
        this.allowed = List.copyOf(allowed);
        this.isAnywhere = isAnywhere;
    }

    /** Public addresses, and these at any port: what the operator says is theirs to be reached. */
    public static AddressRules publicAnd(List<AddressRange> allowed) {
        return new AddressRules(allowed, false);
    }

    public boolean allow(InetSocketAddress to) {
        InetAddress address = to.getAddress();
        return isAnywhere
                || allowed.stream().anyMatch(range -> range.contains(address))
                || to.getPort() == 443 && isPublic(address);
    }

    static boolean isPublic(InetAddress address) {
        if (SPECIAL.stream().anyMatch(range -> range.contains(address))) {
            return false;
        }
        if (NAT64.contains(address)) {
            return isPublic(embedded(address, 12));
        }
        if (SIX_TO_FOUR.contains(address)) {
            return isPublic(embedded(address, 2));
        }
        return address instanceof Inet4Address || address instanceof Inet6Address;
    }

    private static InetAddress embedded(InetAddress address, int from) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(address.getAddress(), from, from + 4));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four octets are an address", e);
        }
    }

    private static List<AddressRange> ranges(String... texts) {
        return Stream.of(texts).map(AddressRules::range).toList();
    }

    private static AddressRange range(String text) {
        AddressRange range = AddressRange.parse(text);
        if (range == null) {
            throw new IllegalStateException(text + " is no range");
        }
        return range;
    }
}
