// SPDX-License-Identifier: Apache-2.0
/** Settings of notification (XEP-0492) and the mute of conversations. */
@NullMarked
package im.dunlin.sync.notification;

import org.jspecify.annotations.NullMarked;
