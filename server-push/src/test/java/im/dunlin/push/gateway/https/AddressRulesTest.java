// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.https;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.AddressRange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRulesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "10.0.0.1",
                "100.64.1.1",
                "127.0.0.1",
                "127.255.255.255",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.1",
                "192.0.2.1",
                "192.88.99.1",
                "192.168.1.1",
                "198.18.0.1",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:10.0.0.1",
                "::127.0.0.1",
                "64:ff9b::10.0.0.1",
                "64:ff9b:1::1",
                "2001::1",
                "2001:db8::1",
                "2002:7f00:1::",
                "fc00::1",
                "fd12::1",
                "fe80::1",
                "fec0::1",
                "ff02::1"
            })
    void addressInsideIsRefused(String address) throws UnknownHostException {
        assertThat(AddressRules.PUBLIC.allow(to(address, 443))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.167.255.255",
                "223.255.255.255",
                "64:ff9b::1.1.1.1",
                "2002:101:101::",
                "2a00:1450:4001:800::200a"
            })
    void publicAddressIsAllowed(String address) throws UnknownHostException {
        assertThat(AddressRules.PUBLIC.allow(to(address, 443))).isTrue();
    }

    @Test
    void otherPortsAreRefused() throws UnknownHostException {
        assertThat(AddressRules.PUBLIC.allow(to("1.1.1.1", 22))).isFalse();
    }

    @Test
    void operatorMayAllowTheirOwnAtAnyPort() throws UnknownHostException {
        AddressRange own = AddressRange.parse("10.1.0.0/16");
        assertThat(own).isNotNull();
        AddressRules rules = AddressRules.publicAnd(List.of(own));

        assertThat(rules.allow(to("10.1.2.3", 8443))).isTrue();
        assertThat(rules.allow(to("10.2.0.1", 443))).isFalse();
        assertThat(rules.allow(to("1.1.1.1", 443))).isTrue();
    }

    private static InetSocketAddress to(String address, int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(address), port);
    }
}
