// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.http;

import java.util.function.Consumer;

/** A request and, at some time, its answer. Any thread. */
public interface HttpExchange {
    HttpRequest request();

    /**
     * Asks for the body as a whole; one that is longer is answered with 413, and {@code then} never runs.
     *
     * @param then on the connection's event loop
     */
    void receive(int most, Consumer<byte[]> then);

    /** Asks for the body piece by piece. */
    void receive(HttpSink sink);

    /** Answers; only the first answer counts. A body that has not been received by now is not wanted. */
    void respond(HttpResponse response);
}
