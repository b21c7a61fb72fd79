// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import im.dunlin.core.xml.Element;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.sync.log.ConversationKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Knows of groups what the log does not. Whoever does registers itself with {@link SynchronizationView#show(GroupFacts)}. */
public interface GroupFacts {
    /**
     * @param elements the account's own card and what the group says of itself, as clients get them
     * @param invitation the id of a message that invites to it, as long as that is not answered; 0 without
     * @param version of the group's last edit or retraction, by its own count; 0 if none is known
     */
    record Facts(List<Element> elements, long invitation, long version) {
        public static final Facts NONE = new Facts(List.of(), 0, 0);
    }

    /** On snapshots and in turns, from tables alone. */
    @Nullable
    Facts of(Reader reader, OwnerKey account, ConversationKey group);
}
