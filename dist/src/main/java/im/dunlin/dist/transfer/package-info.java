// SPDX-License-Identifier: Apache-2.0

/** Accounts on their way between files and a server, whether or not it runs. */
@NullMarked
package im.dunlin.dist.transfer;

import org.jspecify.annotations.NullMarked;
