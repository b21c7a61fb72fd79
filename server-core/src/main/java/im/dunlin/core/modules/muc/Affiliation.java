// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import org.jspecify.annotations.Nullable;

/** What somebody is to a room for good (XEP-0045 §5.2), the least first. */
enum Affiliation {
    OUTCAST("outcast", 1),
    NONE("none", 0),
    MEMBER("member", 2),
    ADMIN("admin", 3),
    OWNER("owner", 4);

    private final String wire;
    private final int code;

    Affiliation(String wire, int code) {
        this.wire = wire;
        this.code = code;
    }

    String wire() {
        return wire;
    }

    /** On disk, and never reused. */
    int code() {
        return code;
    }

    boolean isAtLeast(Affiliation other) {
        return compareTo(other) >= 0;
    }

    static Affiliation of(int code) {
        for (Affiliation each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        throw new IllegalArgumentException("affiliation " + code + " (expected: 0 to 4)");
    }

    static @Nullable Affiliation parse(@Nullable String wire) {
        for (Affiliation each : values()) {
            if (each.wire.equals(wire)) {
                return each;
            }
        }
        return null;
    }
}
