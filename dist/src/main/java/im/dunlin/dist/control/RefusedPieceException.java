// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.control;

/** Why an account cannot be brought in, and which of the pieces that were given is wrong. */
public final class RefusedPieceException extends RefusedException {
    private static final long serialVersionUID = 1L;

    private final int piece;

    /** @param piece its number among those of the request, from 0 on */
    public RefusedPieceException(int piece, String message) {
        super(message);
        this.piece = piece;
    }

    public int piece() {
        return piece;
    }
}
