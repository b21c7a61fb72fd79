// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Addresses as people get them in links (RFC 5122). */
public final class XmppUri {
    private XmppUri() {}

    /** What a URI may not hold as it is, is escaped. */
    public static String of(BareJid jid) {
        String local = jid.local();
        return "xmpp:" + (local == null ? "" : escaped(local) + "@") + escaped(jid.domain());
    }

    private static String escaped(String part) {
        // For forms a space would be a plus, but no bare JID holds a space.
        return URLEncoder.encode(part, StandardCharsets.UTF_8);
    }
}
