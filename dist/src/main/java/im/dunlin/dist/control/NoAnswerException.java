// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.control;

/** The running server cannot be asked at all: other requests will not be done either. */
public final class NoAnswerException extends RefusedException {
    private static final long serialVersionUID = 1L;

    NoAnswerException(String message) {
        super(message);
    }
}
