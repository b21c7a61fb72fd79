// SPDX-License-Identifier: Apache-2.0
/** Rooms: XEP-0045 Multi-User Chat, each an owner of its own (docs/adr/0019). */
@NullMarked
package im.dunlin.core.modules.muc;

import org.jspecify.annotations.NullMarked;
