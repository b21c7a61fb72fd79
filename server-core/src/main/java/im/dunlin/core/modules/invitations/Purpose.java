// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.invitations;

import im.dunlin.storage.CorruptionException;

/** What an invitation is good for. */
public enum Purpose {
    /** Whoever has it becomes a contact of the inviter. */
    CONTACT(1),
    /** The same, and may make an account here for it. */
    CONTACT_OR_ACCOUNT(2),
    /** Whoever has it makes an account here. */
    ACCOUNT(3),
    /** The same, and becomes a contact of the inviter by it. */
    ACCOUNT_AND_CONTACT(4);

    private final int code;

    Purpose(int code) {
        this.code = code;
    }

    /** The number under which it is stored; never reused. */
    int code() {
        return code;
    }

    static Purpose of(int code) {
        for (Purpose purpose : values()) {
            if (purpose.code == code) {
                return purpose;
            }
        }
        throw new CorruptionException("an invitation for purpose " + code);
    }

    boolean registers() {
        return this != CONTACT;
    }

    boolean befriends() {
        return this != ACCOUNT;
    }

    /** Whether somebody who has an account may use it. */
    boolean isAboutContact() {
        return this == CONTACT || this == CONTACT_OR_ACCOUNT;
    }
}
