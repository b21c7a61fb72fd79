// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.delivery;

import im.dunlin.core.stanza.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table of RFC 6121 §8.5.4 as a function: who gets a message, or what happens to it instead. */
final class DeliveryRules {
    /** What happens to a message. */
    enum Fate {
        /** Its recipients get it. */
        DELIVER,
        /** Nobody is there: it is kept for later, or refused if nothing keeps it. */
        KEEP,
        REFUSE,
        IGNORE
    }

    /** A resource, connected or available; the priority is null unless it is available. */
    record Resource<S>(S session, @Nullable Integer priority) {
        boolean takesBareMessages() {
            return priority != null && priority >= 0;
        }
    }

    record Decision<S>(Fate fate, List<S> recipients) {}

    private DeliveryRules() {}

    /**
     * @param addressed the connected resource that the full JID names; null if it names none, or is a bare JID
     * @param resources of the account
     */
    static <S> Decision<S> decide(Message.Type type, @Nullable S addressed, List<Resource<S>> resources) {
        if (addressed != null) {
            return new Decision<>(Fate.DELIVER, List.of(addressed));
        }
        // To the bare JID, or to a resource that is gone. The RFC would have a chat go on as to the bare JID and a
        // normal
        // message be refused; many clients send receipts, calls and edits without type, so these go on as well.
        List<Resource<S>> takers =
                resources.stream().filter(Resource::takesBareMessages).toList();
        return switch (type) {
            case NORMAL, CHAT -> takers.isEmpty() ? of(Fate.KEEP) : deliver(mostAvailable(takers));
            case HEADLINE -> takers.isEmpty() ? of(Fate.IGNORE) : deliver(takers);
            case GROUPCHAT -> of(Fate.REFUSE);
            case ERROR -> of(Fate.IGNORE);
        };
    }

    /** Those with the highest priority. The others learn of it as they asked to (XEP-0280). */
    private static <S> List<Resource<S>> mostAvailable(List<Resource<S>> takers) {
        int highest = takers.stream().mapToInt(DeliveryRules::priority).max().orElse(0);
        return takers.stream().filter(taker -> priority(taker) == highest).toList();
    }

    private static int priority(Resource<?> taker) {
        return taker.priority() == null ? Integer.MIN_VALUE : taker.priority();
    }

    private static <S> Decision<S> deliver(List<Resource<S>> to) {
        return new Decision<>(Fate.DELIVER, to.stream().map(Resource::session).toList());
    }

    private static <S> Decision<S> of(Fate fate) {
        return new Decision<>(fate, List.of());
    }
}
