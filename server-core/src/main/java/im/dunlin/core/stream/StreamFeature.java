// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stream;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One negotiable feature of a stream (RFC 6120 §4.3). Stateless: one instance serves every stream, what it must remember of a
 * stream is kept in the {@link Negotiation}. Runs on the connection's event loop and never waits.
 */
public interface StreamFeature {
    /** The traits without which it is not offered and not accepted. */
    Set<StreamTrait> needs();

    /** The traits with which it is no longer offered nor accepted. */
    Set<StreamTrait> forbids();

    /**
     * The child of {@code <stream:features/>}, or null where it is accepted but not advertised, or not to be had here. Made once
     * for all streams of the same {@link Negotiator.Circumstances}: it depends on nothing else of a stream.
     */
    @Nullable
    Element advertise(Negotiation stream);

    /**
     * As {@link #advertise(Negotiation)}, for a feature that speaks of those before it.
     *
     * @param before makes {@code <stream:features/>} with these
     */
    default @Nullable Element advertise(Negotiation stream, Supplier<Element> before) {
        return advertise(stream);
    }

    /** The stream is told these features, this one among them. */
    default void told(Negotiation stream, Element features) {}

    /** Names of the elements that this feature answers, its first one and those of an exchange that goes on. */
    Set<Name> requests();

    /** The only elements that the peer may send now, since an exchange is under way; empty where none is. */
    default Set<Name> awaited(Negotiation stream) {
        return Set.of();
    }

    /** Handles one of {@link #requests}, in a stream with what it {@link #needs}. */
    Step negotiate(Negotiation stream, Element request);

    /** What comes of a request. */
    sealed interface Step {
        /** The exchange goes on, or has failed and may be tried again. */
        record Reply(Element answer) implements Step {}

        /**
         * The stream has reached these traits.
         *
         * @param answer sent first; may be null if the feature wrote for itself
         * @param restart whether the peer opens a new stream now (RFC 6120 §4.3.3); without, the next features follow at once
         *     if {@code features} is set (XEP-0388)
         */
        record Reached(Set<StreamTrait> traits, @Nullable Element answer, boolean restart, boolean features)
                implements Step {}

        /** The peer speaks TLS from the next byte on, after this answer. */
        record BeginTls(Element answer) implements Step {}

        /** An answer, then the end of the stream. */
        record Close(@Nullable Element answer, StreamError error) implements Step {}

        /** The answer comes later through {@link Negotiation#proceed}; until then nothing more is read. */
        record Pending() implements Step {}
    }
}
