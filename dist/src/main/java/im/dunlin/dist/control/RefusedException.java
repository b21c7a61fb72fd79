// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.control;

/** Why an administrator's request was not done, in a sentence for them. */
public sealed class RefusedException extends Exception permits NoAnswerException, RefusedPieceException {
    private static final long serialVersionUID = 1L;

    public RefusedException(String message) {
        super(message);
    }
}
