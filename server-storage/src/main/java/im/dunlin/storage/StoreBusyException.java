// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/** Another process, or another store in this one, has the directory open. */
public final class StoreBusyException extends StoreException {
    private static final long serialVersionUID = 1;

    public StoreBusyException(String message) {
        super(message);
    }
}
