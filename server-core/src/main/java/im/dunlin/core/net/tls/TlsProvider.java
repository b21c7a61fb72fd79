// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which implementation of TLS serves: BoringSSL, at a quarter of the CPU, or the Java platform's where it is missing. */
public enum TlsProvider {
    BORINGSSL(SslProvider.OPENSSL_REFCNT),
    JDK(SslProvider.JDK);

    private static final Logger log = LoggerFactory.getLogger(TlsProvider.class);

    static {
        prepare();
    }

    private final SslProvider netty;

    TlsProvider(SslProvider netty) {
        this.netty = netty;
    }

    SslProvider netty() {
        return netty;
    }

    /**
     * Tells the platform's TLS how to behave, which it reads when it is first used: to be called before that. A client must
     * not make us renegotiate in a loop; and nobody can tell the platform to replace the key of its tickets.
     */
    public static void prepare() {
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        System.setProperty("jdk.tls.server.enableSessionTicketExtension", "false");
        System.setProperty("jdk.tls.server.newSessionTicketCount", "0");
    }

    /** The best one that works here. To be asked once, at start. */
    public static TlsProvider choose() {
        if (OpenSsl.isAvailable()) {
            log.info("TLS by {}", OpenSsl.versionString());
            return BORINGSSL;
        }
        log.info("TLS by the Java platform, since BoringSSL's native library did not load: {}", reason());
        return JDK;
    }

    private static String reason() {
        Throwable cause = OpenSsl.unavailabilityCause();
        return cause == null ? "no reason given" : String.valueOf(cause.getMessage());
    }
}
