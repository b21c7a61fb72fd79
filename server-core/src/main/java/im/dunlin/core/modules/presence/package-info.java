// SPDX-License-Identifier: Apache-2.0
/**
 * Who is available, and who is told (RFC 6121 §4).
 *
 * <p>Other modules ask {@link im.dunlin.core.modules.presence.PresenceView}. Presence is never stored: it lives and ends with
 * its session.
 */
@NullMarked
package im.dunlin.core.modules.presence;

import org.jspecify.annotations.NullMarked;
