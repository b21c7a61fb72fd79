// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.invitations;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An invitation as it is sent to somebody. Only whoever has it knows its token.
 *
 * @param uri that a client opens
 * @param page that a browser opens; null where nothing listens for it
 */
public record Link(String uri, @Nullable String page, Instant expires) {}
