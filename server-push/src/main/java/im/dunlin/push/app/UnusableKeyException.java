// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.app;

/** A file that does not hold the key it should; the message says why, in a line. */
final class UnusableKeyException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableKeyException(String message) {
        super(message);
    }
}
