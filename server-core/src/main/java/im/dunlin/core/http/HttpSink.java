// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.http;

/** Takes the body of a request while it arrives. Called on the connection's event loop; must not wait. */
public interface HttpSink {
    /** @param more to be run, on any thread, when the next piece may come: until then the client is not read */
    void take(byte[] piece, Runnable more);

    /** The body is complete. */
    void complete();

    /** The client has gone, or was too slow: nothing more comes, and no answer can be given. */
    void broken();
}
