// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

/** What other modules may know of synchronization, and add to it. Found with {@code Setup.require}. */
public interface SynchronizationView {
    /** The items of conversations show these calls. While the server is built. */
    void show(LiveCalls calls);
}
