// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.csi;

import im.dunlin.core.stanza.Stanza;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Stanzas that wait for one inactive client, in the order of their last change. Confined to the account's lane. */
final class HeldStanzas {
    private Map<Object, Stanza> held = new LinkedHashMap<>();
    private int bytes;

    /** @param slot what the stanza replaces: an earlier one of an equal slot is gone */
    void hold(Object slot, Stanza stanza) {
        Stanza replaced = held.remove(slot);
        if (replaced != null) {
            bytes -= replaced.payload().size();
        }
        held.put(slot, stanza);
        bytes += stanza.payload().size();
    }

    int count() {
        return held.size();
    }

    int bytes() {
        return bytes;
    }

    /** What waits, oldest change first. */
    List<Stanza> stanzas() {
        return List.copyOf(held.values());
    }

    List<Stanza> release() {
        if (held.isEmpty()) {
            return List.of();
        }
        List<Stanza> released = stanzas();
        held = new LinkedHashMap<>();
        bytes = 0;
        return released;
    }
}
