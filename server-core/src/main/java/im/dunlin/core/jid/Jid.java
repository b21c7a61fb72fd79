// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import org.jspecify.annotations.Nullable;

/**
 * An XMPP address in prepared form (RFC 7622): two are equal exactly if they name the same entity.
 *
 * <p>Two types, so that a method that needs an account cannot be given a resource. The order is that
 * of the prepared text.
 */
public sealed interface Jid extends Comparable<Jid> permits BareJid, FullJid {

    /**
     * Prepares and checks text from a peer, a client or a file.
     *
     * @throws JidException if it is not an address
     */
    static Jid parse(String text) throws JidException {
        return JidParser.parse(text);
    }

    /**
     * An address written in our own code.
     *
     * @throws IllegalArgumentException if it is not an address, which is a bug
     */
    static Jid of(String constant) {
        try {
            return parse(constant);
        } catch (JidException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * An address from our own storage: text that {@link #toString} gave. It is cut and not prepared again, so
     * that an address that was once accepted stays readable under newer Unicode data.
     */
    static Jid prepared(String text) {
        return JidParser.prepared(text);
    }

    /** The localpart, absent for a server or service. */
    @Nullable
    String local();

    /** The domainpart: a name in Unicode form (not A-labels), or an IP literal. */
    String domain();

    /** The resourcepart, absent exactly if this is a {@link BareJid}. */
    @Nullable
    String resource();

    /** This address without its resource. */
    BareJid bare();

    /** True if there is neither localpart nor resource. */
    default boolean isDomain() {
        return local() == null && resource() == null;
    }

    /** The prepared text; {@link #parse} of it gives an equal address. */
    @Override
    String toString();

    @Override
    default int compareTo(Jid other) {
        return toString().compareTo(other.toString());
    }
}
