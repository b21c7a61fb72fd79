// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.blocking;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;

/**
 * What of the privacy lists of other servers (XEP-0016) is a blocklist: of the default list, the addresses that may do nothing.
 * Other servers keep blocklists in that way (XEP-0191 §5).
 */
final class PrivacyLists {
    private static final String NS = "jabber:iq:privacy";
    static final Name QUERY = Name.of(NS, "query");
    private static final Name DEFAULT = Name.of(NS, "default");
    private static final Name LIST = Name.of(NS, "list");
    private static final Name ITEM = Name.of(NS, "item");
    private static final Set<Name> KINDS =
            Set.of(Name.of(NS, "message"), Name.of(NS, "iq"), Name.of(NS, "presence-in"), Name.of(NS, "presence-out"));

    private PrivacyLists() {}

    /** @param query all lists of an account (XEP-0227 §4.7) */
    static Set<Jid> blocked(Element query) {
        Set<Jid> blocked = new LinkedHashSet<>();
        Element chosen = query.first(DEFAULT);
        String name = chosen == null ? null : chosen.attr("name");
        for (Element list : query.children(LIST)) {
            if (name != null && Objects.equals(list.attr("name"), name)) {
                for (Element item : list.children(ITEM)) {
                    if ("jid".equals(item.attr("type")) && "deny".equals(item.attr("action")) && isOfAll(item)) {
                        blocked.add(item.requireJid("value"));
                    }
                }
            }
        }
        return blocked;
    }

    /** Whether it is for stanzas of all kinds: it names none, or each. */
    private static boolean isOfAll(Element item) {
        return KINDS.stream().noneMatch(item::has) || KINDS.stream().allMatch(item::has);
    }
}
