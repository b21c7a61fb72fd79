// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.auth.SaslExchange;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.xml.Element;
import org.jspecify.annotations.Nullable;

/** What a module adds to an authentication (XEP-0388 §2.1), before a session is resumed or bound. */
public interface LoginPart {
    /**
     * The child of {@code <inline/>} that offers it to this stream; null where it is not to be had. On the event loop. Made once
     * for streams that have the same in common, as a feature is ({@link im.dunlin.core.stream.StreamFeature#advertise}).
     */
    @Nullable
    Element advertise(Negotiation stream);

    /**
     * Begins an exchange of a mechanism that only this part offers. On the event loop.
     *
     * @param device null if the client did not say
     * @return null if the mechanism is not this part's, or was not asked for as it has to be
     */
    @Nullable
    SaslExchange begin(String mechanism, Element authenticate, @Nullable String device, Negotiation stream);

    /**
     * Does what the client asks for, now that it is authenticated; in the turn of the login.
     *
     * @return what stands in {@code <success/>}
     */
    @Nullable
    Element apply(Authenticated who, Element authenticate, Turn turn);
}
