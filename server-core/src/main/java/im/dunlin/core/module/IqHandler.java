// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Iq;
import org.jspecify.annotations.Nullable;

/** Answers an iq of type get or set. Throws a stanza error to refuse it. */
@FunctionalInterface
public interface IqHandler {
    /** @return the answer, or null if it will be given later ({@link Turn#read}, {@link Turn#askOwner}) */
    @Nullable
    Iq handle(Iq iq, Turn turn);
}
