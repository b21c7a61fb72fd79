// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

/** Bytes that are not in canonical form: damaged storage or a bug, never a peer's stream. */
public final class CanonicalFormException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public CanonicalFormException(String message) {
        super(message);
    }
}
