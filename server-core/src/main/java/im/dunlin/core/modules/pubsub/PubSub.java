// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.xml.Element;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a turn's account, for modules that build on them. What they publish and retract here is in the account's name, and
 * notified and observed like what its clients do.
 */
public interface PubSub {
    /** Tells a module what happens to this node of each account. While the server is built. */
    void observe(String node, NodeObserver observer);

    /**
     * How a well-known node is configured when it is made without a word about that. While the server is built.
     *
     * @param node its name; one that ends in a colon stands for all that begin so
     * @param fields values by {@code pubsub#…} names
     */
    void preset(String node, Map<String, String> fields);

    /** As {@link #preset}, and the node is never anybody's but the owner's: another access model is refused. */
    void presetPrivate(String node, Map<String, String> fields);

    /** The items of the node, oldest first; none without the node. */
    List<Item> items(String node, Turn turn);

    @Nullable
    Item item(String node, String id, Turn turn);

    /** The item that was published last; null without any. */
    @Nullable
    Item last(String node, Turn turn);

    /** Whether the node is there and this entity may retrieve its items. */
    boolean mayRead(String node, BareJid entity, Turn turn);

    /**
     * Publishes an item.
     *
     * @param fields beside what was preset, if the node is made for this
     * @throws im.dunlin.core.stanza.StanzaException {@code resource-constraint} or {@code conflict} when the account has too much
     */
    void publish(String node, String id, Element payload, Map<String, String> fields, Turn turn);

    /** Retracts an item and notifies that; nothing happens when there is none. */
    void retract(String node, String id, Turn turn);
}
