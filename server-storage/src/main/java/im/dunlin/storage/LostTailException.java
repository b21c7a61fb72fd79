// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/**
 * The store on disk ends before what was once confirmed to be there: acknowledged rows are gone. It opens only when
 * told to accept that; then every client whose stamp may be concerned gets a full snapshot.
 */
public final class LostTailException extends StoreException {
    private static final long serialVersionUID = 1;

    public LostTailException(String message) {
        super(message);
    }
}
