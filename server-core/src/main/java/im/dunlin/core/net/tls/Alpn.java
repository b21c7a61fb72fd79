// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import java.util.List;

/** Application-Layer Protocol Negotiation (RFC 7301) as XEP-0368 uses it. */
final class Alpn {
    /** The protocol of a client's stream. */
    static final String CLIENT = "xmpp-client";

    /** The protocol of another server's stream. */
    static final String SERVER = "xmpp-server";

    /** The protocol of an HTTPS connection (RFC 7301 §6). */
    static final String HTTP = "http/1.1";

    private static final byte[] NO_APPLICATION_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

    private Alpn() {}

    /** Selects one of these if the client offers it. Refusing others is done before the engine sees them. */
    static ApplicationProtocolConfig select(List<String> protocols) {
        return new ApplicationProtocolConfig(
                Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, protocols);
    }

    /** The fatal alert that ends a handshake without a common protocol, as a record. */
    static ByteBuf alert() {
        return Unpooled.wrappedBuffer(NO_APPLICATION_PROTOCOL);
    }
}
