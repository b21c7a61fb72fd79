// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import java.security.cert.X509Certificate;
import javax.net.ssl.X509TrustManager;

/** Lets every handshake with another server succeed: what its certificate proves is judged afterwards. */
final class AnyCertificate implements X509TrustManager {
    static final AnyCertificate INSTANCE = new AnyCertificate();

    private AnyCertificate() {}

    @Override
    @SuppressWarnings("TrustAllX509TrustManager") // see above
    public void checkClientTrusted(X509Certificate[] chain, String authentication) {}

    @Override
    @SuppressWarnings("TrustAllX509TrustManager") // see above
    public void checkServerTrusted(X509Certificate[] chain, String authentication) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
