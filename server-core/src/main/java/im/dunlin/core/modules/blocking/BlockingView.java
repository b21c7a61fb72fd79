// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.blocking;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.xml.Element;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Whom a turn's account has blocked. Stanzas are screened by themselves; this is for modules that send something on their
 * own, such as presence to many.
 */
public interface BlockingView {
    boolean isBlocked(Jid peer, Turn turn);

    /** Whether anybody is blocked at all. */
    boolean hasBlocked(Turn turn);

    /** Tells a module of addresses that are blocked or free again. While the server is built. */
    void follow(Listener listener);

    /** Follows the list, in the turn that changes it. */
    interface Listener {
        /** @param jids as the client gave them; what is sent to them in this turn still goes */
        void blocked(Set<Jid> jids, Turn turn);

        void unblocked(Set<Jid> jids, Turn turn);
    }

    /** Tells a module of what is said beside addresses that are blocked. While the server is built. */
    void follow(ReportListener listener);

    /** Gets reports (XEP-0377), in the turn that blocks whom they are about. */
    @FunctionalInterface
    interface ReportListener {
        /** @param item with whatever the client put into it; nothing in it may stop the block */
        void reported(Jid blocked, Element item, Turn turn);
    }

    /** The addresses among or of these contacts that these entries stand for. */
    static Set<Jid> reached(Set<Jid> entries, Collection<BareJid> contacts) {
        Set<BareJid> known = Set.copyOf(contacts);
        Set<Jid> reached = new LinkedHashSet<>();
        for (Jid entry : entries) {
            if (entry.local() == null && entry.resource() == null) {
                contacts.stream()
                        .filter(contact -> contact.domain().equals(entry.domain()))
                        .forEach(reached::add);
            } else if (known.contains(entry.bare())) {
                reached.add(entry);
            }
        }
        return reached;
    }
}
