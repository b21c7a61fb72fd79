// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an entity has to do with a node: its affiliation, and the subscriptions of its bare and full JIDs. */
record Relation(Affiliation affiliation, List<Subscription> subscriptions) {
    static final Relation NONE = new Relation(Affiliation.NONE, List.of());

    static final ValueCodec<Relation> CODEC = Values.versioned(1, Relation::write, Relation::read);

    /** @param resource null for one of the bare JID */
    record Subscription(@Nullable String resource, String id, boolean pending) {
        boolean isOf(Jid jid) {
            return Objects.equals(resource, jid.resource());
        }

        Jid jid(BareJid entity) {
            return resource == null ? entity : Jid.prepared(entity.toString() + "/" + resource);
        }

        String state() {
            return pending ? "pending" : "subscribed";
        }
    }

    Relation {
        subscriptions = List.copyOf(subscriptions);
    }

    boolean isNone() {
        return affiliation == Affiliation.NONE && subscriptions.isEmpty();
    }

    boolean isSubscribed() {
        return subscriptions.stream().anyMatch(each -> !each.pending);
    }

    @Nullable
    Subscription subscription(Jid jid) {
        for (Subscription each : subscriptions) {
            if (each.isOf(jid)) {
                return each;
            }
        }
        return null;
    }

    Relation with(Affiliation other) {
        return new Relation(other, subscriptions);
    }

    /** With this in place of another subscription of the same JID. */
    Relation with(Subscription subscription, Jid jid) {
        List<Subscription> changed = new ArrayList<>(without(jid).subscriptions);
        changed.add(subscription);
        return new Relation(affiliation, changed);
    }

    Relation without(Jid jid) {
        return new Relation(
                affiliation,
                subscriptions.stream().filter(each -> !each.isOf(jid)).toList());
    }

    private static void write(ValueWriter out, Relation relation) {
        out.u8(relation.affiliation.code())
                .list(
                        relation.subscriptions,
                        (o, each) -> o.nullableText(each.resource).text(each.id).bool(each.pending));
    }

    private static Relation read(ValueReader in) {
        return new Relation(
                Affiliation.of(in.u8()),
                in.list(each -> new Subscription(each.nullableText(), each.text(), each.bool())));
    }
}
