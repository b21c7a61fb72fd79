// SPDX-License-Identifier: Apache-2.0

/** What happens to an account becomes pushes: kept in the batch of the event, sent, and kept until somebody has them. */
@NullMarked
package im.dunlin.push.outbox;

import org.jspecify.annotations.NullMarked;
