// SPDX-License-Identifier: Apache-2.0
/** Streams to and from other servers (docs/adr/0020): who is who, what waits for whom, and how they are found. */
@NullMarked
package im.dunlin.core.s2s;

import org.jspecify.annotations.NullMarked;
