// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.storage.CorruptionException;
import org.jspecify.annotations.Nullable;

/** What an entity is to a node (XEP-0060 §4.1). The number is written to disk and never reused. */
enum Affiliation {
    NONE(0, "none"),
    OWNER(1, "owner"),
    PUBLISHER(2, "publisher"),
    PUBLISH_ONLY(3, "publish-only"),
    MEMBER(4, "member"),
    OUTCAST(5, "outcast");

    private final int code;
    private final String wire;

    Affiliation(int code, String wire) {
        this.code = code;
        this.wire = wire;
    }

    int code() {
        return code;
    }

    String wire() {
        return wire;
    }

    static Affiliation of(int code) {
        for (Affiliation each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        throw new CorruptionException("affiliation " + code);
    }

    static @Nullable Affiliation parse(@Nullable String wire) {
        for (Affiliation each : values()) {
            if (each.wire.equals(wire)) {
                return each;
            }
        }
        return null;
    }

    /** Whether it lets read whatever the access model says. */
    boolean reads() {
        return this == OWNER || this == PUBLISHER || this == MEMBER;
    }

    boolean publishes() {
        return this == OWNER || this == PUBLISHER || this == PUBLISH_ONLY;
    }
}
