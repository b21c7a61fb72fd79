// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.portable;

/** Why a file cannot be read any further, with the place. */
public final class PortableException extends Exception {
    private static final long serialVersionUID = 1L;

    public PortableException(Position at, String message) {
        super(at + ": " + message);
    }
}
