// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/** What is on disk was written by a newer program; this one touches nothing of it. */
public final class FormatTooNewException extends StoreException {
    private static final long serialVersionUID = 1;

    public FormatTooNewException(String message) {
        super(message);
    }
}
