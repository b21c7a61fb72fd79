// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.privatexml;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;

/** Where modules take part in elements, parts of which are elsewhere. */
public interface PrivateXmlView {
    /** While the server is built. */
    void filter(Name element, ElementFilter filter);

    /** Knows a part of an element better. */
    interface ElementFilter {
        /** The element as its owner sees it. @param stored as it was asked for if nothing is */
        Element shown(Element stored, Turn turn);

        /** The element as it is stored, when its owner has set it. */
        Element stored(Element given, Turn turn);
    }
}
