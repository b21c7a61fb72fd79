// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

/** The defined conditions of a SASL failure (RFC 6120 section 6.5). */
public enum SaslCondition {
    ABORTED("aborted"),
    ACCOUNT_DISABLED("account-disabled"),
    CREDENTIALS_EXPIRED("credentials-expired"),
    ENCRYPTION_REQUIRED("encryption-required"),
    INCORRECT_ENCODING("incorrect-encoding"),
    INVALID_AUTHZID("invalid-authzid"),
    INVALID_MECHANISM("invalid-mechanism"),
    MALFORMED_REQUEST("malformed-request"),
    MECHANISM_TOO_WEAK("mechanism-too-weak"),
    NOT_AUTHORIZED("not-authorized"),
    TEMPORARY_AUTH_FAILURE("temporary-auth-failure");

    /** The namespace of the condition elements. */
    public static final String NAMESPACE = "urn:ietf:params:xml:ns:xmpp-sasl";

    private final String element;

    SaslCondition(String element) {
        this.element = element;
    }

    /** The local name of the condition's element in {@link #NAMESPACE}. */
    public String element() {
        return element;
    }
}
