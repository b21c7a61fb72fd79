// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

/** What kind of entity an owner is. The number is stored in the directory and never reused. */
public enum OwnerKind {
    ACCOUNT(1),
    /** Also a host as a whole. */
    SERVICE(2),
    /** An account that is brought in from elsewhere and is not there for anybody yet (docs/adr/0017). */
    INCOMING(3),
    /** A room of a service (XEP-0045). */
    ROOM(4);

    private final int code;

    OwnerKind(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static OwnerKind of(int code) {
        for (OwnerKind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new IllegalArgumentException("owner kind " + code + " (expected: 1 to 4)");
    }
}
