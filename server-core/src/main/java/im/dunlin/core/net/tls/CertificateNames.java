// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.OtherName;

/**
 * The XMPP domains that a certificate was issued for (RFC 6120 section 13.7.1.2, RFC 9525): DNS-ID, SRV-ID and XmppAddr
 * of its subject alternative names. The common name is never looked at.
 */
public final class CertificateNames {
    static final ASN1ObjectIdentifier XMPP_ADDR = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.5");
    static final ASN1ObjectIdentifier SRV_NAME = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.7");

    /** Certificates with thousands of names have been used to make servers compare for ever. */
    private static final int MAX_NAMES = 256;

    private static final Pattern NAME = Pattern.compile("[a-z0-9._-]+");

    private final Set<String> names = new HashSet<>();
    private final Set<String> wildcards = new HashSet<>();
    private final Set<String> services = new HashSet<>();
    private final Set<String> addresses = new HashSet<>();
    private final String service;

    private CertificateNames(String service) {
        this.service = "_" + service + ".";
    }

    /**
     * Reads the names of a certificate.
     *
     * @param service of an SRV-ID without its underscore: {@code xmpp-client} or {@code xmpp-server}
     * @return the names; none if they are malformed or too many
     */
    public static CertificateNames of(X509Certificate certificate, String service) {
        CertificateNames result = new CertificateNames(service);
        try {
            byte[] extension = certificate.getExtensionValue(Extension.subjectAlternativeName.getId());
            if (extension != null) {
                GeneralNames all = GeneralNames.getInstance(
                        ASN1OctetString.getInstance(extension).getOctets());
                if (all.getNames().length <= MAX_NAMES) {
                    for (GeneralName name : all.getNames()) {
                        result.add(name);
                    }
                }
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            return new CertificateNames(service);
        }
        return result;
    }

    private void add(GeneralName name) {
        if (name.getTagNo() == GeneralName.dNSName) {
            addDnsName(ASN1IA5String.getInstance(name.getName()).getString());
        } else if (name.getTagNo() == GeneralName.otherName) {
            OtherName other = OtherName.getInstance(name.getName());
            if (other.getTypeID().equals(XMPP_ADDR) && other.getValue() instanceof ASN1UTF8String address) {
                addresses.add(address.getString());
            } else if (other.getTypeID().equals(SRV_NAME) && other.getValue() instanceof ASN1IA5String srv) {
                String text = srv.getString().toLowerCase(Locale.ROOT);
                if (text.startsWith(service) && NAME.matcher(text).matches()) {
                    services.add(text.substring(service.length()));
                }
            }
        }
    }

    private void addDnsName(String text) {
        String name = text.toLowerCase(Locale.ROOT);
        boolean isWildcard = name.startsWith("*.");
        String rest = isWildcard ? name.substring(2) : name;
        if (NAME.matcher(rest).matches()) {
            (isWildcard ? wildcards : names).add(rest);
        }
    }

    /** Whether the certificate speaks for this domain. */
    public boolean cover(String domain) {
        return coverByDns(domain) || services.contains(AsciiDomain.of(domain)) || addresses.contains(domain);
    }

    /**
     * Whether it does so by a DNS-ID, the one form of name that authorities of the web are held to (RFC 5280 §4.2.1.10). A wildcard
     * stands for exactly one label, the left-most.
     */
    public boolean coverByDns(String domain) {
        String ascii = AsciiDomain.of(domain);
        int dot = ascii.indexOf('.');
        return names.contains(ascii) || (dot > 0 && wildcards.contains(ascii.substring(dot + 1)));
    }
}
