// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import im.dunlin.core.auth.SaslStep.NeedCredentials;
import im.dunlin.core.auth.SaslStep.NeedHash;
import im.dunlin.core.jid.BareJid;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A host with accounts, and a driver that does at once whatever an exchange needs. */
final class SaslFixture {
    static final String DOMAIN = "montague.example";
    static final BareJid ROMEO = BareJid.of("romeo@" + DOMAIN);
    static final String PASSWORD = "Call me but love";
    static final CredentialPolicy CHEAP = new CredentialPolicy(EnumSet.allOf(ScramHash.class), 4096);
    static final SecureRandom RANDOM = new SecureRandom();

    static final byte[] EXPORTER = octets("exported keying material, 32 oct");
    static final byte[] END_POINT = octets("hash of the server's certificate");
    static final TlsChannel BINDABLE =
            new TlsChannel("TLSv1.3", Map.of("tls-exporter", EXPORTER, "tls-server-end-point", END_POINT));
    static final TlsChannel UNBINDABLE = new TlsChannel("TLSv1.2", Map.of());

    final Map<BareJid, Credentials> accounts = new HashMap<>();

    /** Whose credentials were asked for, in order. */
    final List<BareJid> lookups = new ArrayList<>();

    /** Steps that had to be computed elsewhere. */
    int hashes;

    SaslFixture() {
        accounts.put(ROMEO, Credentials.ofPassword(PASSWORD, CHEAP, RANDOM));
    }

    static SaslMechanisms mechanisms(String... names) {
        Set<String> enabled =
                names.length == 0 ? Set.copyOf(SaslMechanisms.NAMES) : new LinkedHashSet<>(List.of(names));
        return new SaslMechanisms(enabled, CHEAP, new byte[32], RANDOM);
    }

    static SaslExchange exchange(String mechanism, TlsChannel channel) {
        return mechanisms().offer(DOMAIN, channel).begin(mechanism);
    }

    /** The next challenge, success or failure. */
    SaslStep settle(SaslStep step) {
        SaslStep now = step;
        while (true) {
            if (now instanceof NeedCredentials need) {
                lookups.add(need.account());
                now = need.resume().with(accounts.get(need.account()));
            } else if (now instanceof NeedHash need) {
                hashes++;
                now = need.work().get();
            } else {
                return now;
            }
        }
    }

    SaslStep begin(SaslExchange exchange, byte[] initialResponse) {
        return settle(exchange.begin(initialResponse));
    }

    SaslStep respond(SaslExchange exchange, byte[] response) {
        return settle(exchange.respond(response));
    }

    static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] octets) {
        return new String(octets, StandardCharsets.UTF_8);
    }
}
