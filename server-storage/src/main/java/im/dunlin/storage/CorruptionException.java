// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/**
 * A row, or a batch, that cannot be read. The request that met it fails; other rows and other owners go on, so unlike
 * its parent this is not final.
 */
public final class CorruptionException extends StoreException {
    private static final long serialVersionUID = 1;

    public CorruptionException(String message) {
        super(message);
    }

    public CorruptionException(String message, Throwable cause) {
        super(message, cause);
    }
}
