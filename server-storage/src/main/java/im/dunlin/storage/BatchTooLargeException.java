// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/**
 * A turn wrote more than one {@link Batch} holds. Nothing of it was written: the turn fails, as it does for any other
 * bug of ours, and everything else goes on.
 */
public final class BatchTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BatchTooLargeException(String message) {
        super(message);
    }
}
