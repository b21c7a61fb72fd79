// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stream;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A stream feature that is only told, not negotiated: that something may be used once the stream is ready.
 *
 * @param needs the traits with which it is told
 * @param forbids the traits with which it is not
 * @param element made for the stream; null where it is not to be had
 */
public record Announcement(
        Set<StreamTrait> needs, Set<StreamTrait> forbids, Function<Negotiation, @Nullable Element> element)
        implements StreamFeature {

    /** Told on every authenticated stream, bound or not (XEP-0386 binds before the features are told). */
    public static Announcement afterLogin(Element element) {
        return new Announcement(Set.of(StreamTrait.AUTHENTICATED), Set.of(), stream -> element);
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
        throw new IllegalStateException("an announcement answers no request");
    }
}
