// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.config.Limits;

/**
 * Where a page of the archive is cut, whatever was asked for, so that reading an archive never ends a session: all pages that
 * a session may ask for at a time, and as much as one page of whatever else comes, fit what may be on its way to a client that
 * has not yet taken or acknowledged anything.
 *
 * @param stanzas results in one page
 * @param bytes of them
 */
public record PageBound(int stanzas, int bytes) {

    public static PageBound of(AccountLimits account, Limits limits) {
        int shares = account.archiveQueries() + 1;
        int stanzas =
                Math.min(limits.resumption().unackedStanzas(), limits.outbound().queueStanzas());
        int bytes =
                Math.min(limits.resumption().unackedBytes(), limits.outbound().queueBytes());
        // Behind the results comes the answer itself.
        return new PageBound(
                Math.max(1, stanzas / shares - 1), Math.min(account.archivePageBytes(), Math.max(1, bytes / shares)));
    }
}
