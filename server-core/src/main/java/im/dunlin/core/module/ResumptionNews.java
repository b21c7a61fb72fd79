// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Stanza;
import java.util.List;

/**
 * What a client must know first when it resumes a session (XEP-0198 §5): behind {@code <resumed/>}, before the stanzas that it
 * missed. Runs in the turn that resumes. If the client never acknowledges it, the next resumption's news take its place.
 */
@FunctionalInterface
public interface ResumptionNews {
    List<Stanza> of(ClientSession session, Turn turn);
}
