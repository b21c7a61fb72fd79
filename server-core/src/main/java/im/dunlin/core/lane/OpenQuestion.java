// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import im.dunlin.core.jid.Jid;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An iq of the server's own that waits for its answer, which must come from the one that was asked. */
record OpenQuestion(@Nullable Jid asked, Instant deadline, Turn.Answered then) {}
