// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaError.Condition;
import im.dunlin.core.stanza.StanzaError.Type;
import im.dunlin.storage.Direction;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Keys;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Range;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Scan;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.Values;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows of nodes, of whichever owner has the turn.
 *
 * <pre>
 * pubsub-nodes        name               → number, creator, items, configuration
 * pubsub-items        number, id         → item
 * pubsub-items-order  number, stamp      → id
 * pubsub-relations    number, bare JID   → affiliation, subscriptions
 * pubsub-entities     bare JID, number   → name of a node to which it has a relation
 * pubsub-head         ·                  → nodes, bytes of all items
 * </pre>
 */
final class Nodes {
    /** Bytes of items in one answer; the rest is for the next page. */
    static final int PAGE_BYTES = 512 << 10;

    record ItemKey(long node, String id) {}

    record OrderKey(long node, long stamp) {}

    record RelationKey(long node, String entity) {}

    record Head(int nodes, long bytes) {
        static final ValueCodec<Head> CODEC = Values.versioned(
                1, (out, head) -> out.varint(head.nodes).varint(head.bytes), in -> new Head(in.size(), in.varint()));
    }

    private static final Head EMPTY = new Head(0, 0);

    private static final KeyCodec<ItemKey> ITEM_KEYS = new KeyCodec<>() {
        @Override
        public void write(ItemKey key, KeyWriter out) {
            out.u64(key.node).text(key.id);
        }

        @Override
        public ItemKey read(KeyReader in) {
            return new ItemKey(in.u64(), in.text());
        }
    };

    private static final KeyCodec<OrderKey> ORDER_KEYS = new KeyCodec<>() {
        @Override
        public void write(OrderKey key, KeyWriter out) {
            out.u64(key.node).u64(key.stamp);
        }

        @Override
        public OrderKey read(KeyReader in) {
            return new OrderKey(in.u64(), in.u64());
        }
    };

    private static final KeyCodec<RelationKey> RELATION_KEYS = new KeyCodec<>() {
        @Override
        public void write(RelationKey key, KeyWriter out) {
            out.u64(key.node).text(key.entity);
        }

        @Override
        public RelationKey read(KeyReader in) {
            return new RelationKey(in.u64(), in.text());
        }
    };

    private static final KeyCodec<RelationKey> ENTITY_KEYS = new KeyCodec<>() {
        @Override
        public void write(RelationKey key, KeyWriter out) {
            out.text(key.entity).u64(key.node);
        }

        @Override
        public RelationKey read(KeyReader in) {
            String entity = in.text();
            return new RelationKey(in.u64(), entity);
        }
    };

    private final Table<String, Node.Row> nodes;
    private final Table<ItemKey, Item> items;
    private final Table<OrderKey, String> order;
    private final Table<RelationKey, Relation> relations;
    private final Table<RelationKey, String> entities;
    private final Table<Keys.Single, Head> heads;

    Nodes(Setup setup) {
        nodes = setup.table(new TableSpec<>("pubsub-nodes", Shape.POINT, Keys.TEXT, Node.Row.CODEC));
        items = setup.table(new TableSpec<>("pubsub-items", Shape.LOG, ITEM_KEYS, Item.CODEC));
        order = setup.table(new TableSpec<>("pubsub-items-order", Shape.POINT, ORDER_KEYS, Values.TEXT));
        relations = setup.table(new TableSpec<>("pubsub-relations", Shape.POINT, RELATION_KEYS, Relation.CODEC));
        entities = setup.table(new TableSpec<>("pubsub-entities", Shape.POINT, ENTITY_KEYS, Values.TEXT));
        heads = setup.table(new TableSpec<>("pubsub-head", Shape.POINT, Keys.SINGLE, Head.CODEC));
    }

    // ---- nodes
    // -------------------------------------------------------------------------------------------------------

    @Nullable
    Node find(String name, Turn turn) {
        Node.Row row = turn.get(nodes, name);
        return row == null ? null : new Node(name, row);
    }

    /** In the order of their names. */
    List<Node> all(Turn turn) {
        return turn.scan(nodes, Range.all(), Direction.FORWARD, Integer.MAX_VALUE).stream()
                .map(row -> new Node(row.key(), row.value()))
                .toList();
    }

    /** @throws im.dunlin.core.stanza.StanzaException {@code conflict} with {@code max-nodes-exceeded} */
    Node create(String name, BareJid creator, NodeConfig config, PubSubLimits limits, Turn turn) {
        Head head = head(turn);
        // An account's nodes are its own; what others own elsewhere are rows of theirs.
        if (head.nodes() >= limits.nodes() || nodesOf(creator, turn).size() >= limits.nodesOfCreator()) {
            throw PubSubErrors.of(Condition.CONFLICT, "max-nodes-exceeded");
        }
        Node node = Node.of(name, turn.stamp(), creator, config);
        put(node, turn);
        turn.put(heads, Keys.Single.ROW, new Head(head.nodes() + 1, head.bytes()));
        return node;
    }

    /** The node as this turn has left it. */
    private Node now(Node node, Turn turn) {
        return Objects.requireNonNull(find(node.name(), turn));
    }

    void put(Node node, Turn turn) {
        turn.put(nodes, node.name(), node.row());
    }

    void delete(Node node, Turn turn) {
        purge(node, turn);
        for (BareJid entity : relations(node, turn).keySet()) {
            turn.delete(entities, new RelationKey(node.number(), entity.toString()));
        }
        turn.deletePrefix(relations, out -> out.u64(node.number()));
        turn.delete(nodes, node.name());
        Head head = head(turn);
        turn.put(heads, Keys.Single.ROW, new Head(head.nodes() - 1, head.bytes()));
    }

    private Head head(Turn turn) {
        return Objects.requireNonNullElse(turn.get(heads, Keys.Single.ROW), EMPTY);
    }

    /** Every node of an owner, in the order of their names. */
    void forEach(OwnerKey owner, Reader reader, Consumer<Node> each) {
        try (Scan<String, Node.Row> rows = reader.scan(nodes, owner, Range.all(), Direction.FORWARD)) {
            rows.forEachRemaining(row -> each.accept(new Node(row.key(), row.value())));
        }
    }

    /** Every item of a node, oldest first. */
    void forEachItem(Node node, OwnerKey owner, Reader reader, Consumer<Item> each) {
        try (Scan<OrderKey, String> rows = reader.scan(order, owner, places(node), Direction.FORWARD)) {
            rows.forEachRemaining(row -> each.accept(
                    Objects.requireNonNull(reader.get(items, owner, new ItemKey(node.number(), row.value())))));
        }
    }

    /** Everybody who has something to do with a node, in the order of their addresses. */
    void forEachRelation(Node node, OwnerKey owner, Reader reader, BiConsumer<BareJid, Relation> each) {
        Range<RelationKey> all = Range.prefix(out -> out.u64(node.number()));
        try (Scan<RelationKey, Relation> rows = reader.scan(relations, owner, all, Direction.FORWARD)) {
            rows.forEachRemaining(
                    row -> each.accept(Jid.prepared(row.key().entity()).bare(), row.value()));
        }
    }

    // ---- items
    // -------------------------------------------------------------------------------------------------------

    @Nullable
    Item item(Node node, String id, Turn turn) {
        return turn.get(items, new ItemKey(node.number(), id));
    }

    /** The newest so many, oldest first. */
    List<Item> newest(Node node, int most, Turn turn) {
        return items(node, places(node), Direction.BACKWARD, most, turn).items();
    }

    /** All items, oldest first, however many bytes these are. */
    List<Item> everything(Node node, Turn turn) {
        return ids(node, turn).stream()
                .map(id -> Objects.requireNonNull(item(node, id, turn)))
                .toList();
    }

    /** Of all items, oldest first. */
    List<String> ids(Node node, Turn turn) {
        return turn.scan(order, places(node), Direction.FORWARD, Integer.MAX_VALUE).stream()
                .map(Row::value)
                .toList();
    }

    /** @param isCut whether there are more of these than fit into an answer */
    record Page(List<Item> items, boolean isCut) {}

    /** Oldest first, as many as fit into one answer. */
    Page page(Node node, PageRequest request, Turn turn) {
        Range<OrderKey> range = places(node);
        if (request.after() != null) {
            range = range.above(orderOf(node, request.after(), turn));
        }
        if (request.before() != null && !request.before().isEmpty()) {
            range = range.below(orderOf(node, request.before(), turn));
        }
        return items(node, range, request.isBackward() ? Direction.BACKWARD : Direction.FORWARD, request.max(), turn);
    }

    private Page items(Node node, Range<OrderKey> range, Direction direction, int most, Turn turn) {
        List<Item> found = new ArrayList<>();
        long bytes = 0;
        boolean cut = false;
        for (Row<OrderKey, String> row : turn.scan(order, range, direction, most)) {
            Item item = Objects.requireNonNull(item(node, row.value(), turn));
            bytes += item.bytes();
            if (bytes > PAGE_BYTES && !found.isEmpty()) {
                cut = true;
                break;
            }
            found.add(item);
        }
        if (direction == Direction.BACKWARD) {
            Collections.reverse(found);
        }
        return new Page(found, cut);
    }

    private OrderKey orderOf(Node node, String id, Turn turn) {
        Item item = item(node, id, turn);
        if (item == null) {
            throw PubSubErrors.itemNotFound();
        }
        return new OrderKey(node.number(), item.stamp());
    }

    private static Range<OrderKey> places(Node node) {
        return Range.prefix(out -> out.u64(node.number()));
    }

    /**
     * Adds the item, or puts it in the place of an older one of that id; the oldest that are too many go.
     *
     * @throws im.dunlin.core.stanza.StanzaException {@code resource-constraint} when the owner has too many bytes; nothing was
     *     changed then
     */
    void add(Node node, Item item, PubSubLimits limits, Turn turn) {
        List<Item> going = new ArrayList<>();
        Item before = item(node, item.id(), turn);
        if (before != null) {
            going.add(before);
        }
        int surplus = now(node, turn).items() + 1 - going.size() - node.config().maxItems(limits.items());
        if (surplus > 0) {
            turn.scan(order, places(node), Direction.FORWARD, surplus + going.size()).stream()
                    .filter(row -> !row.value().equals(item.id()))
                    .limit(surplus)
                    .forEach(row -> going.add(Objects.requireNonNull(item(node, row.value(), turn))));
        }
        int count = 1 - going.size();
        long bytes = item.bytes() - going.stream().mapToLong(Item::bytes).sum();
        if (bytes > 0 && head(turn).bytes() + bytes > limits.bytes()) {
            throw StanzaError.resourceConstraint("items have at most " + limits.bytes() + " bytes together")
                    .toException();
        }
        going.forEach(gone -> remove(new OrderKey(node.number(), gone.stamp()), gone.id(), turn));
        turn.put(items, new ItemKey(node.number(), item.id()), item);
        turn.put(order, new OrderKey(node.number(), item.stamp()), item.id());
        count(node, count, bytes, turn);
    }

    void remove(Node node, Item item, Turn turn) {
        count(node, -1, -remove(new OrderKey(node.number(), item.stamp()), item.id(), turn), turn);
    }

    /** Removes what is more than the configuration now allows. */
    void trim(Node node, PubSubLimits limits, Turn turn) {
        int surplus = node.items() - (node.config().persists() ? node.config().maxItems(limits.items()) : 0);
        if (surplus > 0) {
            count(node, -surplus, -removeOldest(node, surplus, turn), turn);
        }
    }

    void purge(Node node, Turn turn) {
        if (node.items() > 0) {
            turn.deletePrefix(items, out -> out.u64(node.number()));
            turn.deletePrefix(order, out -> out.u64(node.number()));
            count(node, -node.items(), -node.row().bytes(), turn);
        }
    }

    private long removeOldest(Node node, int many, Turn turn) {
        long bytes = 0;
        for (Row<OrderKey, String> row : turn.scan(order, places(node), Direction.FORWARD, many)) {
            bytes += remove(row.key(), row.value(), turn);
        }
        return bytes;
    }

    private int remove(OrderKey place, String id, Turn turn) {
        ItemKey key = new ItemKey(place.node(), id);
        Item item = Objects.requireNonNull(turn.get(items, key));
        turn.delete(items, key);
        turn.delete(order, place);
        return item.bytes();
    }

    private void count(Node node, int moreItems, long moreBytes, Turn turn) {
        put(now(node, turn).counting(moreItems, moreBytes), turn);
        Head head = head(turn);
        turn.put(heads, Keys.Single.ROW, new Head(head.nodes(), head.bytes() + moreBytes));
    }

    // ---- relations
    // ---------------------------------------------------------------------------------------------------

    Relation relation(Node node, BareJid entity, Turn turn) {
        return Objects.requireNonNullElse(
                turn.get(relations, new RelationKey(node.number(), entity.toString())), Relation.NONE);
    }

    /** In the order of their addresses. */
    Map<BareJid, Relation> relations(Node node, Turn turn) {
        Map<BareJid, Relation> found = new LinkedHashMap<>();
        Node known = find(node.name(), turn);
        if (known == null || known.row().relations() == 0) {
            // As most nodes of accounts: there is nothing to look for.
            return found;
        }
        Range<RelationKey> all = Range.prefix(out -> out.u64(node.number()));
        for (Row<RelationKey, Relation> row : turn.scan(relations, all, Direction.FORWARD, Integer.MAX_VALUE)) {
            found.put(Jid.prepared(row.key().entity()).bare(), row.value());
        }
        return found;
    }

    /** Nodes with which the entity has something to do. */
    List<Node> nodesOf(BareJid entity, Turn turn) {
        Range<RelationKey> all = Range.prefix(out -> out.text(entity.toString()));
        return turn.scan(entities, all, Direction.FORWARD, Integer.MAX_VALUE).stream()
                .map(row -> Objects.requireNonNull(find(row.value(), turn)))
                .toList();
    }

    /** @throws im.dunlin.core.stanza.StanzaException {@code policy-violation} with {@code too-many-subscriptions} */
    void put(Node node, BareJid entity, Relation relation, PubSubLimits limits, Turn turn) {
        RelationKey key = new RelationKey(node.number(), entity.toString());
        boolean isNew = turn.get(relations, key) == null;
        if (relation.isNone()) {
            turn.delete(relations, key);
            turn.delete(entities, key);
            if (!isNew) {
                put(now(node, turn).countingRelations(-1), turn);
            }
            return;
        }
        if (isNew && now(node, turn).row().relations() >= limits.relations()) {
            throw PubSubErrors.error(Condition.POLICY_VIOLATION, "too-many-subscriptions")
                    .withType(Type.WAIT)
                    .toException();
        }
        turn.put(relations, key, relation);
        turn.put(entities, key, node.name());
        if (isNew) {
            put(now(node, turn).countingRelations(1), turn);
        }
    }
}
