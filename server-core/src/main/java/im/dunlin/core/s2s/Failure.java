// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.stanza.StanzaError;

/**
 * Why there is no stream.
 *
 * @param error what senders are told
 * @param isFinal whether trying again would be of no use
 * @param reason for the log
 */
record Failure(StanzaError error, boolean isFinal, String reason) {
    /** There is no such server. */
    static Failure notFound(String reason) {
        return new Failure(StanzaError.remoteServerNotFound(), true, reason);
    }

    /** It may come back. */
    static Failure unreachable(String reason) {
        return new Failure(StanzaError.remoteServerTimeout(), false, reason);
    }
}
