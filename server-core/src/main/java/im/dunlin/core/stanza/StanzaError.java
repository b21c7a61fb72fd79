// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import org.jspecify.annotations.Nullable;

/**
 * A stanza error (RFC 6120 section 8.3).
 *
 * @param type what the sender may do about it; each condition has a default
 * @param uri where the entity went, only with {@link Condition#GONE} and {@link Condition#REDIRECT}
 * @param text for people, in English
 * @param application a condition of the protocol that was used, in its namespace
 * @param by who found the error
 */
public record StanzaError(
        Condition condition,
        Type type,
        @Nullable String uri,
        @Nullable String text,
        @Nullable Element application,
        @Nullable Jid by) {

    private static final Name ERROR = Name.of(Ns.CLIENT, "error");
    private static final Name TEXT = Name.of(Ns.STANZA_ERRORS, "text");

    /** What the sender may do (RFC 6120 section 8.3.2). */
    public enum Type {
        AUTH("auth"),
        CANCEL("cancel"),
        CONTINUE("continue"),
        MODIFY("modify"),
        WAIT("wait");

        private final String wire;

        Type(String wire) {
            this.wire = wire;
        }

        public String wire() {
            return wire;
        }
    }

    /** Defined conditions (RFC 6120 section 8.3.3), with the type each usually has. */
    public enum Condition {
        BAD_REQUEST("bad-request", Type.MODIFY),
        CONFLICT("conflict", Type.CANCEL),
        FEATURE_NOT_IMPLEMENTED("feature-not-implemented", Type.CANCEL),
        FORBIDDEN("forbidden", Type.AUTH),
        GONE("gone", Type.CANCEL),
        INTERNAL_SERVER_ERROR("internal-server-error", Type.CANCEL),
        ITEM_NOT_FOUND("item-not-found", Type.CANCEL),
        JID_MALFORMED("jid-malformed", Type.MODIFY),
        NOT_ACCEPTABLE("not-acceptable", Type.MODIFY),
        NOT_ALLOWED("not-allowed", Type.CANCEL),
        NOT_AUTHORIZED("not-authorized", Type.AUTH),
        POLICY_VIOLATION("policy-violation", Type.MODIFY),
        RECIPIENT_UNAVAILABLE("recipient-unavailable", Type.WAIT),
        REDIRECT("redirect", Type.MODIFY),
        REGISTRATION_REQUIRED("registration-required", Type.AUTH),
        REMOTE_SERVER_NOT_FOUND("remote-server-not-found", Type.CANCEL),
        REMOTE_SERVER_TIMEOUT("remote-server-timeout", Type.WAIT),
        RESOURCE_CONSTRAINT("resource-constraint", Type.WAIT),
        SERVICE_UNAVAILABLE("service-unavailable", Type.CANCEL),
        SUBSCRIPTION_REQUIRED("subscription-required", Type.AUTH),
        UNDEFINED_CONDITION("undefined-condition", Type.CANCEL),
        UNEXPECTED_REQUEST("unexpected-request", Type.WAIT);

        private final Name name;
        private final Type type;

        Condition(String local, Type type) {
            this.name = Name.of(Ns.STANZA_ERRORS, local);
            this.type = type;
        }

        /** The name of the condition's element. */
        public Name element() {
            return name;
        }

        public Type defaultType() {
            return type;
        }
    }

    public static StanzaError of(Condition condition) {
        return new StanzaError(condition, condition.type, null, null, null, null);
    }

    public static StanzaError of(Condition condition, String text) {
        return of(condition).withText(text);
    }

    public static StanzaError badRequest() {
        return of(Condition.BAD_REQUEST);
    }

    public static StanzaError badRequest(String text) {
        return of(Condition.BAD_REQUEST, text);
    }

    public static StanzaError conflict() {
        return of(Condition.CONFLICT);
    }

    public static StanzaError featureNotImplemented() {
        return of(Condition.FEATURE_NOT_IMPLEMENTED);
    }

    public static StanzaError forbidden() {
        return of(Condition.FORBIDDEN);
    }

    public static StanzaError gone() {
        return of(Condition.GONE);
    }

    public static StanzaError internalServerError() {
        return of(Condition.INTERNAL_SERVER_ERROR);
    }

    public static StanzaError itemNotFound() {
        return of(Condition.ITEM_NOT_FOUND);
    }

    public static StanzaError jidMalformed() {
        return of(Condition.JID_MALFORMED);
    }

    public static StanzaError jidMalformed(String text) {
        return of(Condition.JID_MALFORMED, text);
    }

    public static StanzaError notAcceptable() {
        return of(Condition.NOT_ACCEPTABLE);
    }

    public static StanzaError notAcceptable(Element application) {
        return notAcceptable().withApplication(application);
    }

    public static StanzaError notAllowed() {
        return of(Condition.NOT_ALLOWED);
    }

    public static StanzaError notAuthorized() {
        return of(Condition.NOT_AUTHORIZED);
    }

    public static StanzaError policyViolation(String text) {
        return of(Condition.POLICY_VIOLATION, text);
    }

    public static StanzaError recipientUnavailable() {
        return of(Condition.RECIPIENT_UNAVAILABLE);
    }

    public static StanzaError registrationRequired() {
        return of(Condition.REGISTRATION_REQUIRED);
    }

    public static StanzaError remoteServerNotFound() {
        return of(Condition.REMOTE_SERVER_NOT_FOUND);
    }

    public static StanzaError remoteServerTimeout() {
        return of(Condition.REMOTE_SERVER_TIMEOUT);
    }

    public static StanzaError resourceConstraint() {
        return of(Condition.RESOURCE_CONSTRAINT);
    }

    public static StanzaError resourceConstraint(String text) {
        return of(Condition.RESOURCE_CONSTRAINT, text);
    }

    public static StanzaError serviceUnavailable() {
        return of(Condition.SERVICE_UNAVAILABLE);
    }

    public static StanzaError subscriptionRequired() {
        return of(Condition.SUBSCRIPTION_REQUIRED);
    }

    public static StanzaError undefinedCondition(Element application) {
        return of(Condition.UNDEFINED_CONDITION).withApplication(application);
    }

    public static StanzaError unexpectedRequest(String text) {
        return of(Condition.UNEXPECTED_REQUEST, text);
    }

    public StanzaError withType(Type type) {
        return new StanzaError(condition, type, uri, text, application, by);
    }

    public StanzaError withUri(String uri) {
        return new StanzaError(condition, type, uri, text, application, by);
    }

    public StanzaError withText(String text) {
        return new StanzaError(condition, type, uri, text, application, by);
    }

    public StanzaError withApplication(Element application) {
        return new StanzaError(condition, type, uri, text, application, by);
    }

    public StanzaError withBy(Jid by) {
        return new StanzaError(condition, type, uri, text, application, by);
    }

    public StanzaException toException() {
        return new StanzaException(this);
    }

    /** The error child of a stanza of type error. */
    public Element element() {
        ElementBuilder error = Element.builder(ERROR).attr("type", type.wire);
        if (by != null) {
            error.attr("by", by.toString());
        }
        error.child(uri == null ? Element.of(condition.name) : Element.of(condition.name, uri));
        if (text != null) {
            error.child(Element.of(TEXT, text).lang("en"));
        }
        return error.childIfPresent(application).build();
    }

    /**
     * The error that a stanza of type error carries. Whatever a peer left out or invented is read as
     * {@code undefined-condition}: an answer of any form ends the question.
     */
    public static StanzaError of(Stanza answer) {
        Element error = answer.payload().first(ERROR);
        if (error == null) {
            return of(Condition.UNDEFINED_CONDITION);
        }
        Condition condition = Condition.UNDEFINED_CONDITION;
        String uri = null;
        Element application = null;
        for (Element child : error.children()) {
            if (!child.name().namespace().equals(Ns.STANZA_ERRORS)) {
                application = application == null ? child : application;
                continue;
            }
            for (Condition known : Condition.values()) {
                if (child.is(known.name)) {
                    condition = known;
                    uri = child.isEmpty() ? null : child.text();
                }
            }
        }
        Type type = condition.type;
        String wire = error.attr("type");
        for (Type known : Type.values()) {
            if (known.wire.equals(wire)) {
                type = known;
            }
        }
        return new StanzaError(condition, type, uri, error.text(TEXT), application, null);
    }

    /** The condition and our own text: what a log may show. */
    @Override
    public String toString() {
        return text == null ? condition.name.local() : condition.name.local() + ": " + text;
    }
}
