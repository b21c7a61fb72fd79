// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.LogReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * One page of the conversations that changed since a stamp, in the order of their order stamps, newest first.
 *
 * <p>All that were ordered after the stamp changed after it; they are a range of an index, and a page of them costs what it
 * shows. Those that changed in their place, and tombstones, are looked through for each page. Without a stamp there are none.
 *
 * @param accountStamp when anything of the account last changed
 * @param count how many changed in all; null if it was not asked for
 */
record ConversationPage(
        List<Row<ConversationKey, ConversationHead>> rows,
        long accountStamp,
        @Nullable Long count) {
    private static final Comparator<Row<ConversationKey, ConversationHead>> BY_ORDER =
            Comparator.comparingLong(row -> row.value().orderStamp());

    /**
     * @param since the stamp; that of the query, or 0 if that one says nothing here
     * @param counts whether to count all that changed
     */
    static ConversationPage read(
            LogReader log, Reader reader, OwnerKey account, long since, SyncQuery query, boolean counts) {
        // What is nearest to the cursor is on the page.
        Comparator<Row<ConversationKey, ConversationHead>> nearest =
                query.isBackward() ? BY_ORDER : BY_ORDER.reversed();
        PriorityQueue<Row<ConversationKey, ConversationHead>> inPlace = new PriorityQueue<>(nearest.reversed());
        long[] changedInPlace = {0};
        if (since > 0) {
            log.changedInPlace(reader, account, since, row -> {
                changedInPlace[0]++;
                long order = row.value().orderStamp();
                if (order > query.before() && order < query.after()) {
                    inPlace.add(row);
                    if (inPlace.size() > query.max()) {
                        inPlace.remove();
                    }
                }
            });
        }
        List<Row<ConversationKey, ConversationHead>> rows = new ArrayList<>(log.ordered(
                reader,
                account,
                Math.max(since, query.before()),
                query.after(),
                query.isBackward() ? Direction.FORWARD : Direction.BACKWARD,
                query.max()));
        rows.addAll(inPlace);
        rows.sort(nearest);
        List<Row<ConversationKey, ConversationHead>> page =
                new ArrayList<>(rows.subList(0, Math.min(rows.size(), query.max())));
        page.sort(BY_ORDER.reversed());
        return new ConversationPage(
                page,
                log.stamp(reader, account),
                counts ? (Long) (log.countOrdered(reader, account, since) + changedInPlace[0]) : null);
    }
}
