// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

/** A host's certificate or key cannot be used. The message is one line for the operator: which file, what is wrong. */
public final class UnusableCertificateException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableCertificateException(String message) {
        super(message);
    }
}
