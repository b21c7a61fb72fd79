// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.xml.Element;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What stands below an entity (XEP-0030 §3.2, §4.2): pubsub nodes, commands. Each answer is for the sender of the iq: what it may
 * not know is not there.
 */
public interface DiscoNodes {
    /** Of an entity without any. */
    DiscoNodes NONE = new DiscoNodes() {};

    /** What an entity at this domain can because of them. */
    default Set<String> features(String domain) {
        return Set.of();
    }

    /** What the entity's own items list beside its other items: {@code item} elements of disco#items. */
    default List<Element> items(Iq iq, Turn turn) {
        return List.of();
    }

    /** Identities, features and forms of a node, in this order; null if there is none of that name for this asker. */
    default @Nullable List<Element> info(String node, Iq iq, Turn turn) {
        return null;
    }

    /** Items of a node; null if there is none of that name for this asker. */
    default @Nullable List<Element> items(String node, Iq iq, Turn turn) {
        return null;
    }
}
