// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** That a client wants the tunes which its contacts publish, said in its presence (XEP-0115, XEP-0163 §4.3.2). */
public final class Interest {
    /** Node and namespace of tunes (XEP-0118). */
    public static final String TUNE = "http://jabber.org/protocol/tune";

    static final String DISCO_INFO = "http://jabber.org/protocol/disco#info";

    private static final String CLIENT = "https://dunlin.im/load";

    private Interest() {}

    /** Available, and interested. */
    public static String presence() {
        return "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='" + CLIENT + "' ver='" + hash()
                + "'/></presence>";
    }

    /** What a server gets that asks what is behind the hash. */
    static String info(@Nullable String node) {
        return "<query xmlns='" + DISCO_INFO + "'" + (node == null ? "" : " node='" + node + "'")
                + "><identity category='client' type='bot' name='load'/><feature var='" + DISCO_INFO
                + "'/><feature var='" + TUNE + "+notify'/></query>";
    }

    /** XEP-0115 §5.1. */
    static String hash() {
        String said = "client/bot//load<" + DISCO_INFO + "<" + TUNE + "+notify<";
        try {
            return Base64.getEncoder()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-1").digest(said.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
