// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import java.util.List;

/**
 * Elements as canonical bytes among the children of an {@link Element}: a stanza that is wrapped
 * (carbon, archive result) keeps its bytes and is parsed only if somebody looks inside.
 */
record Fragment(byte[] xml) {

    /** Opened. Each declares its namespace, so that of the element around does not matter. */
    List<Element> elements() {
        return new CanonicalReader(xml, 0, xml.length, "").elements();
    }
}
