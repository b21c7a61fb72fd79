// SPDX-License-Identifier: Apache-2.0
/** Reconnect in one round trip: docs/protocol/reconnect.xml. */
@NullMarked
package im.dunlin.sync.reconnect;

import org.jspecify.annotations.NullMarked;
