// SPDX-License-Identifier: Apache-2.0
/** XEP-0430: Inbox. */
@NullMarked
package im.dunlin.sync.inbox;

import org.jspecify.annotations.NullMarked;
