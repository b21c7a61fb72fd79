// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import org.jspecify.annotations.Nullable;

/** What an occupant may do while in the room (XEP-0045 §5.1), the least first. */
enum Role {
    NONE("none"),
    VISITOR("visitor"),
    PARTICIPANT("participant"),
    MODERATOR("moderator");

    private final String wire;

    Role(String wire) {
        this.wire = wire;
    }

    String wire() {
        return wire;
    }

    boolean isAtLeast(Role other) {
        return compareTo(other) >= 0;
    }

    static @Nullable Role parse(@Nullable String wire) {
        for (Role each : values()) {
            if (each.wire.equals(wire)) {
                return each;
            }
        }
        return null;
    }

    /** With which somebody enters (XEP-0045 §5.1.2). */
    static Role ofEntering(Affiliation affiliation, boolean isModerated) {
        return switch (affiliation) {
            case OWNER, ADMIN -> MODERATOR;
            case MEMBER -> PARTICIPANT;
            case NONE -> isModerated ? VISITOR : PARTICIPANT;
            case OUTCAST -> NONE;
        };
    }
}
