// SPDX-License-Identifier: Apache-2.0

/** Typed ordered tables and one atomic batch. Nothing here knows XMPP. */
@NullMarked
package im.dunlin.storage;

import org.jspecify.annotations.NullMarked;
