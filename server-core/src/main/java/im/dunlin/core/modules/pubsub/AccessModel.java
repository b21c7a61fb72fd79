// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import java.util.Locale;

/** Who may subscribe to a node and retrieve its items (XEP-0060 §4.5). */
enum AccessModel {
    OPEN,
    PRESENCE,
    ROSTER,
    AUTHORIZE,
    WHITELIST;

    /** @param wire one of the choices of {@link NodeField#ACCESS_MODEL}; whoever came from elsewhere may less */
    static AccessModel of(String wire) {
        for (AccessModel model : values()) {
            if (model.wire().equals(wire)) {
                return model;
            }
        }
        return WHITELIST;
    }

    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
