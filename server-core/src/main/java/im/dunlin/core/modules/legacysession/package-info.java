// SPDX-License-Identifier: Apache-2.0
/** The session request of RFC 3921. */
@NullMarked
package im.dunlin.core.modules.legacysession;

import org.jspecify.annotations.NullMarked;
