// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import com.ibm.icu.text.IDNA;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Prepares domainparts (RFC 7622 section 3.2): names by UTS 46 over IDNA2008, IP literals. */
final class DomainPart {
    private static final int MAX_NAME_LENGTH = 253;
    private static final int MAX_LABEL_LENGTH = 63;

    /** Non-transitional, so that {@code faß.de} stays itself; letters, digits and hyphens only in ASCII. */
    private static final IDNA UTS46 = IDNA.getUTS46Instance(IDNA.NONTRANSITIONAL_TO_ASCII
            | IDNA.NONTRANSITIONAL_TO_UNICODE
            | IDNA.CHECK_BIDI
            | IDNA.CHECK_CONTEXTJ
            | IDNA.CHECK_CONTEXTO
            | IDNA.USE_STD3_RULES);

    private DomainPart() {}

    static String prepare(String domain) throws JidException {
        if (domain.startsWith("[")) {
            return ipv6(domain);
        }
        String name = withoutFinalDot(domain);
        if (isPlain(name)) {
            return name;
        }
        String mapped = withoutFinalDot(toUnicode(name));
        // The mapping may turn other full stops into dots; what comes out must be what would go in again.
        if (!toUnicode(mapped).equals(mapped)) {
            throw new JidException("domainpart is not stable");
        }
        IDNA.Info ascii = new IDNA.Info();
        StringBuilder encoded = new StringBuilder();
        // Only this direction checks the lengths of labels.
        UTS46.nameToASCII(mapped, encoded, ascii);
        if (ascii.hasErrors() || encoded.length() > MAX_NAME_LENGTH) {
            throw new JidException("domainpart is no domain name");
        }
        return Precis.withinPart(mapped, "domainpart");
    }

    private static String withoutFinalDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static String toUnicode(String name) throws JidException {
        if (name.isEmpty()) {
            throw new JidException("domainpart is empty");
        }
        if (name.length() > Precis.MAX_PART_BYTES) {
            throw new JidException("domainpart is too long");
        }
        IDNA.Info info = new IDNA.Info();
        String unicode = UTS46.nameToUnicode(name, new StringBuilder(), info).toString();
        if (info.hasErrors()) {
            throw new JidException("domainpart is no domain name");
        }
        return unicode;
    }

    /** Lower-case letters, digits and hyphens in labels that need no further look: nearly every domain. */
    private static boolean isPlain(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
            return false;
        }
        int label = 0;
        for (int i = 0; i <= name.length(); i++) {
            char c = i < name.length() ? name.charAt(i) : '.';
            if (c == '.') {
                int length = i - label;
                if (length == 0
                        || length > MAX_LABEL_LENGTH
                        || name.charAt(label) == '-'
                        || name.charAt(i - 1) == '-'
                        // A-labels, and hyphens reserved for them.
                        || length > 3 && name.charAt(label + 2) == '-' && name.charAt(label + 3) == '-') {
                    return false;
                }
                label = i + 1;
            } else if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-')) {
                return false;
            }
        }
        return true;
    }

    private static String ipv6(String literal) throws JidException {
        boolean closed = literal.length() > 3 && literal.length() <= 47 && literal.endsWith("]");
        for (int i = 1; closed && i < literal.length() - 1; i++) {
            char c = literal.charAt(i);
            closed = Character.digit(c, 16) >= 0 && c < 0x80 || c == ':' || c == '.';
        }
        try {
            // Brackets around hexadecimal digits, colons and dots are never looked up.
            if (closed && literal.indexOf(':') > 0 && InetAddress.getByName(literal) != null) {
                return literal.toLowerCase(java.util.Locale.ROOT);
            }
        } catch (UnknownHostException e) {
            // The exception below says it.
        }
        throw new JidException("domainpart is no IP address");
    }
}
