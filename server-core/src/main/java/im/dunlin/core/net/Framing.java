// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.xml.Name;

/** The words of WebSocket (RFC 6455) and of XMPP over it (RFC 7395). */
final class Framing {
    private static final String NS = "urn:ietf:params:xml:ns:xmpp-framing";

    static final Name OPEN = Name.of(NS, "open");
    static final Name CLOSE = Name.of(NS, "close");

    // opcodes
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSING = 8;
    static final int PING = 9;
    static final int PONG = 10;

    // status codes
    static final int NORMAL = 1000;
    static final int PROTOCOL_ERROR = 1002;
    static final int UNACCEPTABLE = 1003;
    static final int TOO_BIG = 1009;

    private Framing() {}
}
