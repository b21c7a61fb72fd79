// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

/** Whether an account may be used, whatever the mechanism. */
public enum AccountState {
    ACTIVE(1),
    /** By an administrator, or because it is being removed. Nothing but a right password learns of it. */
    DISABLED(2);

    private final int code;

    AccountState(int code) {
        this.code = code;
    }

    /** The number under which stored credentials name this state; never reused. */
    int code() {
        return code;
    }
}
