// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.vcard;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.xml.Element;

/** Where modules take part in cards, parts of which are elsewhere. */
public interface VcardView {
    /** While the server is built. */
    void filter(CardFilter filter);

    /** Knows a part of the card better. */
    interface CardFilter {
        /** The card as this reader sees it. @param card what is stored; empty if there is none */
        Element shown(Element card, BareJid reader, Turn turn);

        /** The card as it is stored, when its owner has set it. */
        Element stored(Element card, Turn turn);
    }
}
