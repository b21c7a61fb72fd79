// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/**
 * The disk, or what is on it, failed; never a peer's fault. From {@link Store#write} and {@link Store#sync} it is
 * final: what became of that write is unknown, nothing may be promised any more, and the process has to end.
 */
public class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StoreException(String message) {
        super(message);
    }

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
