// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

/**
 * A peer's mistake found while its stanza is handled: the turn is discarded and the error is the answer.
 * Without stack trace, since it is no bug of ours and peers can cause as many as they like.
 */
public final class StanzaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient StanzaError error;

    public StanzaException(StanzaError error) {
        super(error.toString(), null, false, false);
        this.error = error;
    }

    public StanzaError error() {
        return error;
    }
}
