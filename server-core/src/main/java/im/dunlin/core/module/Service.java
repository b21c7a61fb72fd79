// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.xml.Element;
import java.util.List;
import java.util.Set;

/**
 * A service on a subdomain of each host, an owner like an account: it has rows, a clock and turns of its own.
 *
 * <p>Disco, ping and what else modules handle for {@link Addressee#SERVICE} is answered before {@link #receive} is asked.
 */
public interface Service {
    /** The label before the host's domain, such as {@code echo}. */
    String subdomain();

    /** Whether it is there at all; once it is, it stays until the server stops. Any thread. */
    default boolean isThere() {
        return true;
    }

    /** The label before this host's domain, where that is configured. */
    default String subdomain(String host) {
        return subdomain();
    }

    /** Whether each bare address at it is an owner of its own, as a room is; otherwise the service owns whatever they have. */
    default boolean hasOwners() {
        return false;
    }

    Identity identity();

    Set<String> features();

    /** Extension forms of its disco (XEP-0128). @param host the domain that it is a subdomain of */
    default List<Element> forms(String host) {
        return List.of();
    }

    /** What stands below the service. */
    default DiscoNodes nodes() {
        return DiscoNodes.NONE;
    }

    /** Handles a stanza to the service's domain or to any address at it. */
    void receive(Stanza stanza, Turn turn);
}
