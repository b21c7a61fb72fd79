// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

/**
 * What a client's stream runs over.
 *
 * @param input the decoder, which is in the pipeline before the connection
 * @param admission of the connection, in its address's share
 * @param web whether it is WebSocket or BOSH: secure from the start, at a name that its URL gave (so that the certificate need
 *     not speak for the stream's domain)
 * @param handshake whether it is closed by a handshake of its own, that of WebSocket
 */
record Carrier(
        StreamInput input, StreamWriter writer, ConnectionLimits.Admission admission, boolean web, boolean handshake) {
    /** TCP, or WebSocket. */
    Carrier(StreamInput input, StreamWriter writer, ConnectionLimits.Admission admission, boolean webSocket) {
        this(input, writer, admission, webSocket, webSocket);
    }
}
