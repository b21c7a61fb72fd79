// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

/** What the items of synchronization show that the log does not have. Found with {@code Setup.require}. */
public interface ConversationItems {
    void show(LiveCalls calls);
}
