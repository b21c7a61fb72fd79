// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.data;

/** Why the server cannot start, or a command cannot run, in one line for the operator. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    public StartException(String message) {
        super(message);
    }

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
