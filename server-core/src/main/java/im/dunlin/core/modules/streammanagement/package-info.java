// SPDX-License-Identifier: Apache-2.0
/** XEP-0198: what becomes of stanzas that a client never acknowledged. */
@NullMarked
package im.dunlin.core.modules.streammanagement;

import org.jspecify.annotations.NullMarked;
