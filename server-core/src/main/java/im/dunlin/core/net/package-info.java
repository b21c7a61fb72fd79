// SPDX-License-Identifier: Apache-2.0
/**
 * From a peer's bytes to stream events and back: sockets, framing, limits.
 *
 * <p>Everything here runs on the event loop of its connection and never waits.
 */
@NullMarked
package im.dunlin.core.net;

import org.jspecify.annotations.NullMarked;
