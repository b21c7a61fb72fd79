// SPDX-License-Identifier: Apache-2.0
/**
 * The Rewrite protocol of Xabber's clients, {@code https://xabber.com/protocol/rewrite}: messages are edited and retracted by
 * request, in the archives of one or both sides, and clients ask what was rewritten since they were here.
 */
@NullMarked
package im.dunlin.sync.rewrite;

import org.jspecify.annotations.NullMarked;
