// SPDX-License-Identifier: Apache-2.0
/** What is true of every XML stream (RFC 6120 section 4), whatever carries its bytes. */
@NullMarked
package im.dunlin.core.stream;

import org.jspecify.annotations.NullMarked;
