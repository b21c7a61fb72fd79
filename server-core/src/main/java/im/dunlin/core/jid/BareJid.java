// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import org.jspecify.annotations.Nullable;

/** An address without resource: an account, a room, a server or a service. */
public final class BareJid implements Jid {
    private final String text;

    /** Where the at sign stands; -1 without localpart. */
    private final int at;

    /** Parts must be prepared. */
    BareJid(@Nullable String local, String domain) {
        this.text = local == null ? domain : local + '@' + domain;
        this.at = local == null ? -1 : local.length();
    }

    /**
     * Prepares and joins the two parts.
     *
     * @throws JidException if a part breaks RFC 7622
     */
    public static BareJid of(@Nullable String local, String domain) throws JidException {
        return new BareJid(local == null ? null : Precis.localpart(local), DomainPart.prepare(domain));
    }

    /** As {@link Jid#of}, for text that is known to have no resource. */
    public static BareJid of(String constant) {
        if (Jid.of(constant) instanceof BareJid bare) {
            return bare;
        }
        throw new IllegalArgumentException("a bare JID, not a full one, was expected");
    }

    /**
     * As {@link Jid#parse}, and refuses a resource.
     *
     * @throws JidException if it is not a bare address
     */
    public static BareJid parse(String text) throws JidException {
        if (Jid.parse(text) instanceof BareJid bare) {
            return bare;
        }
        throw new JidException("a bare JID has no resource");
    }

    /**
     * The address of a server or service; a domain known to be right (configured, or of a parsed JID).
     *
     * @throws IllegalArgumentException if it is no domain
     */
    public static BareJid ofDomain(String domain) {
        try {
            return new BareJid(null, DomainPart.prepare(domain));
        } catch (JidException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * This address with a resource.
     *
     * @throws JidException if the resource breaks RFC 7622
     */
    public FullJid withResource(String resource) throws JidException {
        return new FullJid(this, Precis.resourcepart(resource));
    }

    @Override
    public @Nullable String local() {
        return at < 0 ? null : text.substring(0, at);
    }

    @Override
    public String domain() {
        return at < 0 ? text : text.substring(at + 1);
    }

    @Override
    public @Nullable String resource() {
        return null;
    }

    @Override
    public BareJid bare() {
        return this;
    }

    /** The server or service this address belongs to; itself if it has no localpart. */
    public BareJid domainJid() {
        return at < 0 ? this : new BareJid(null, domain());
    }

    @Override
    public boolean isDomain() {
        return at < 0;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || other instanceof BareJid jid && text.equals(jid.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
