// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Whatever is published, retracted, limited and deleted: the rows are what a list would be, and their counts are right. */
class NodesProperties {
    private static final PubSubLimits LIMITS = new PubSubLimits(5, 5, 8, 64 << 10, 4_000, 4);
    private static final BareJid JULIET = BareJid.of("juliet@localhost");

    /** A node as a list. */
    private static final class Model {
        int max = 1;
        final List<Item> items = new ArrayList<>();
        final Map<String, Relation> relations = new TreeMap<>();

        void add(Item item) {
            items.removeIf(each -> each.id().equals(item.id()));
            items.add(item);
            trim();
        }

        void trim() {
            while (items.size() > Math.min(max, LIMITS.items())) {
                items.remove(0);
            }
        }

        long bytes() {
            return items.stream().mapToLong(Item::bytes).sum();
        }
    }

    @Test
    void rowsAreWhatAListWouldBe() {
        long seed = Seed.next();
        Random random = new Random(seed);
        AtomicReference<Nodes> made = new AtomicReference<>();
        try (TestServer server = TestServer.with("nodes", setup -> made.set(new Nodes(setup)))) {
            Nodes nodes = Objects.requireNonNull(made.get());
            server.account(JULIET.toString());
            Map<String, Model> models = new TreeMap<>();
            for (int i = 0; i < 1_000; i++) {
                String step = "seed " + seed + ", step " + i;
                server.turn(JULIET, turn -> {
                    act(nodes, models, random, turn);
                    return null;
                });
                server.turn(JULIET, turn -> {
                    compare(nodes, models, step, turn);
                    return null;
                });
                assertThat(compared).as(step).isEqualTo(i + 1);
            }
        }
    }

    private int compared;

    private static void act(Nodes nodes, Map<String, Model> models, Random random, Turn turn) {
        String name = "node" + random.nextInt(7);
        Model model = models.get(name);
        Node node = nodes.find(name, turn);
        if (node == null || model == null) {
            try {
                nodes.create(name, JULIET, NodeConfig.USUAL, LIMITS, turn);
                models.put(name, new Model());
            } catch (StanzaException e) {
                assertThat(models).hasSize(LIMITS.nodes());
            }
            return;
        }
        switch (random.nextInt(12)) {
            case 0 -> {
                nodes.delete(node, turn);
                models.remove(name);
            }
            case 1 -> {
                nodes.purge(node, turn);
                model.items.clear();
            }
            case 2 -> {
                model.max = 1 + random.nextInt(10);
                Node changed = node.with(node.config().with(NodeField.MAX_ITEMS, "" + model.max));
                nodes.put(changed, turn);
                nodes.trim(changed, LIMITS, turn);
                model.trim();
            }
            case 3 -> {
                if (!model.items.isEmpty()) {
                    Item item = model.items.remove(random.nextInt(model.items.size()));
                    nodes.remove(node, item, turn);
                }
            }
            case 4, 5 -> relate(nodes, node, model, random, turn);
            default -> publish(nodes, node, model, models, random, turn);
        }
    }

    private static void relate(Nodes nodes, Node node, Model model, Random random, Turn turn) {
        BareJid entity = BareJid.of("fan" + random.nextInt(6) + "@localhost");
        Relation relation = random.nextBoolean()
                ? Relation.NONE
                : Relation.NONE.with(new Relation.Subscription(null, "id", random.nextBoolean()), entity);
        try {
            nodes.put(node, entity, relation, LIMITS, turn);
            if (relation.isNone()) {
                model.relations.remove(entity.toString());
            } else {
                model.relations.put(entity.toString(), relation);
            }
        } catch (StanzaException e) {
            assertThat(model.relations).hasSize(LIMITS.relations()).doesNotContainKey(entity.toString());
        }
    }

    private static void publish(
            Nodes nodes, Node node, Model model, Map<String, Model> models, Random random, Turn turn) {
        Item item = new Item(
                "" + random.nextInt(12),
                turn.stamp(),
                "juliet@localhost",
                Payload.of(Element.of(Name.of("urn:x", "x"), "x".repeat(random.nextInt(300)))));
        long before = models.values().stream().mapToLong(Model::bytes).sum();
        List<Item> saved = List.copyOf(model.items);
        model.add(item);
        long after = models.values().stream().mapToLong(Model::bytes).sum();
        if (after > before && after > LIMITS.bytes()) {
            // The whole turn is refused then, so what add() may have begun does not matter; here it must not begin.
            model.items.clear();
            model.items.addAll(saved);
            return;
        }
        nodes.add(node, item, LIMITS, turn);
    }

    private void compare(Nodes nodes, Map<String, Model> models, String step, Turn turn) {
        assertThat(nodes.all(turn)).as(step).extracting(Node::name).containsExactlyElementsOf(models.keySet());
        models.forEach((name, model) -> {
            Node node = Objects.requireNonNull(nodes.find(name, turn));
            assertThat(nodes.everything(node, turn)).as(step).isEqualTo(model.items);
            assertThat(node.items()).as(step).isEqualTo(model.items.size());
            assertThat(node.row().bytes()).as(step).isEqualTo(model.bytes());
            assertThat(node.row().relations()).as(step).isEqualTo(model.relations.size());
            assertThat(nodes.relations(node, turn).values())
                    .as(step)
                    .containsExactlyElementsOf(model.relations.values());
            if (model.items.size() > 2) {
                PageRequest middle = new PageRequest(1, model.items.get(0).id(), null);
                assertThat(nodes.page(node, middle, turn).items()).as(step).containsExactly(model.items.get(1));
            }
        });
        for (int fan = 0; fan < 6; fan++) {
            String entity = "fan" + fan + "@localhost";
            assertThat(nodes.nodesOf(BareJid.of(entity), turn))
                    .as(step)
                    .extracting(Node::name)
                    .containsExactlyInAnyOrderElementsOf(models.entrySet().stream()
                            .filter(each -> each.getValue().relations.containsKey(entity))
                            .map(Map.Entry::getKey)
                            .toList());
        }
        compared++;
    }
}
