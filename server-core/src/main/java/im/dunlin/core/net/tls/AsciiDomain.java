// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import com.ibm.icu.text.IDNA;
import java.util.Locale;

/** Domains as certificates and server name indications spell them: A-labels, lower case, no final dot. */
final class AsciiDomain {
    private static final IDNA UTS46 = IDNA.getUTS46Instance(IDNA.NONTRANSITIONAL_TO_ASCII);

    private AsciiDomain() {}

    /** Text that cannot be spelled so comes back as it is, in lower case: it equals no name of a certificate. */
    static String of(String domain) {
        String name = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
        if (name.chars().allMatch(c -> c < 0x80)) {
            return name.toLowerCase(Locale.ROOT);
        }
        IDNA.Info info = new IDNA.Info();
        StringBuilder ascii = UTS46.nameToASCII(name, new StringBuilder(), info);
        return info.hasErrors() ? name : ascii.toString();
    }
}
