// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What an app said that it can do with a push. */
public enum Capability {
    /** Has an extension that decrypts before anything is shown. */
    MUTABLE,
    /** May swallow a visible push (Apple's filtering entitlement). */
    FILTERING,
    /** Has a token for calls. */
    VOIP,
    /** Wants to know that a call ended. */
    CALL_END,
    /** Wants to know what was read elsewhere. */
    READ,
    /** Understands {@code tigase:push:priority:0}. */
    TIGASE_PRIORITY,
    /** Understands {@code tigase:push:jingle:0}, and gets calls only by it. */
    TIGASE_JINGLE;

    /** As it stands in a registration form. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Null for one that is not known. */
    public static @Nullable Capability of(String wire) {
        for (Capability capability : values()) {
            if (capability.wire().equals(wire)) {
                return capability;
            }
        }
        return null;
    }
}
