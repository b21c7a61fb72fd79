// SPDX-License-Identifier: Apache-2.0
/** What an account knows of the groups of others that it is in or invited to, from what they send. */
@NullMarked
package im.dunlin.sync.groups;

import org.jspecify.annotations.NullMarked;
