// SPDX-License-Identifier: Apache-2.0
/** Client Synchronization: which conversations changed since a stamp, for Xabber's clients. A view of the log. */
@NullMarked
package im.dunlin.sync.synchronization;

import org.jspecify.annotations.NullMarked;
