// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;

/** What came of a client's wish to resume a session (XEP-0198 §5). */
public sealed interface Resumption {
    /** The session is on the new connection, where what was missed waits behind {@code <resumed/>}. */
    record Resumed(ClientSession session, Element resumed) implements Resumption {}

    /** There is no such session; the client may bind a resource on the same stream. */
    record Failed(Element failed) implements Resumption {}

    /** What the client claims cannot be; the stream ends, the session stays as it was. */
    record Impossible(StreamError error) implements Resumption {}
}
