// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stream;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A feature that only says that something is there, to whoever has logged in: nothing is negotiated, and an element of its
 * name is no request.
 *
 * @param element what is said to this stream; null where there is nothing to say
 */
public record Advertisement(Function<Negotiation, @Nullable Element> element) implements StreamFeature {

    /** The same to every stream. */
    public static Advertisement of(Element element) {
        return new Advertisement(stream -> element);
    }

    @Override
    public Set<StreamTrait> needs() {
        return Set.of(StreamTrait.AUTHENTICATED);
    }

    @Override
    public Set<StreamTrait> forbids() {
        return Set.of();
    }

    @Override
    public @Nullable Element advertise(Negotiation stream) {
        return element.apply(stream);
    }

    @Override
    public Set<Name> requests() {
        return Set.of();
    }

    @Override
    public Step negotiate(Negotiation stream, Element request) {
        return new Step.Close(null, StreamError.of(StreamError.Condition.UNSUPPORTED_STANZA_TYPE));
    }
}
