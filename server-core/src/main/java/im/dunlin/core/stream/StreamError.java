// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stream;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import org.jspecify.annotations.Nullable;

/**
 * A stream error (RFC 6120 section 4.9): unrecoverable, the stream closes after it.
 *
 * @param host where to connect instead, only with {@link Condition#SEE_OTHER_HOST}
 * @param text for people, in English
 * @param application a condition of our own or of an extension, in its namespace
 */
public record StreamError(
        Condition condition,
        @Nullable String host,
        @Nullable String text,
        @Nullable Element application) {

    private static final Name ERROR = Name.of(Ns.STREAMS, "error");
    private static final Name TEXT = Name.of(Ns.STREAM_ERRORS, "text");

    /** Defined conditions (RFC 6120 section 4.9.3). */
    public enum Condition {
        BAD_FORMAT("bad-format"),
        BAD_NAMESPACE_PREFIX("bad-namespace-prefix"),
        CONFLICT("conflict"),
        CONNECTION_TIMEOUT("connection-timeout"),
        HOST_GONE("host-gone"),
        HOST_UNKNOWN("host-unknown"),
        IMPROPER_ADDRESSING("improper-addressing"),
        INTERNAL_SERVER_ERROR("internal-server-error"),
        INVALID_FROM("invalid-from"),
        INVALID_NAMESPACE("invalid-namespace"),
        INVALID_XML("invalid-xml"),
        NOT_AUTHORIZED("not-authorized"),
        NOT_WELL_FORMED("not-well-formed"),
        POLICY_VIOLATION("policy-violation"),
        REMOTE_CONNECTION_FAILED("remote-connection-failed"),
        RESET("reset"),
        RESOURCE_CONSTRAINT("resource-constraint"),
        RESTRICTED_XML("restricted-xml"),
        SEE_OTHER_HOST("see-other-host"),
        SYSTEM_SHUTDOWN("system-shutdown"),
        UNDEFINED_CONDITION("undefined-condition"),
        UNSUPPORTED_ENCODING("unsupported-encoding"),
        UNSUPPORTED_FEATURE("unsupported-feature"),
        UNSUPPORTED_STANZA_TYPE("unsupported-stanza-type"),
        UNSUPPORTED_VERSION("unsupported-version");

        private final Name name;

        Condition(String local) {
            this.name = Name.of(Ns.STREAM_ERRORS, local);
        }

        /** The name of the condition's element. */
        public Name element() {
            return name;
        }
    }

    public static StreamError of(Condition condition) {
        return new StreamError(condition, null, null, null);
    }

    public static StreamError of(Condition condition, String text) {
        return new StreamError(condition, null, text, null);
    }

    public StreamError withText(String text) {
        return new StreamError(condition, host, text, application);
    }

    public StreamError withHost(String host) {
        return new StreamError(condition, host, text, application);
    }

    public StreamError withApplication(Element application) {
        return new StreamError(condition, host, text, application);
    }

    /** The error as the last child of the stream. */
    public Element element() {
        ElementBuilder error = Element.builder(ERROR)
                .child(host == null ? Element.of(condition.name) : Element.of(condition.name, host));
        if (text != null) {
            error.child(Element.of(TEXT, text).lang("en"));
        }
        return error.childIfPresent(application).build();
    }

    /** What another server's error element says; anything unknown is {@code undefined-condition}. */
    public static StreamError of(Element error) {
        Condition condition = Condition.UNDEFINED_CONDITION;
        String host = null;
        Element application = null;
        for (Element child : error.children()) {
            if (!child.name().namespace().equals(Ns.STREAM_ERRORS)) {
                application = application == null ? child : application;
                continue;
            }
            for (Condition known : Condition.values()) {
                if (child.is(known.name)) {
                    condition = known;
                    host = child.isEmpty() ? null : child.text();
                }
            }
        }
        return new StreamError(condition, host, error.text(TEXT), application);
    }

    /** The condition and the text. */
    @Override
    public String toString() {
        return text == null ? condition.name.local() : condition.name.local() + ": " + text;
    }
}
