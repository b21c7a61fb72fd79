// SPDX-License-Identifier: Apache-2.0

/** The data directory of Prosody, as its accounts leave it. */
@NullMarked
package im.dunlin.dist.transfer.prosody;

import org.jspecify.annotations.NullMarked;
