// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;

/**
 * A node.
 *
 * @param row what its row says
 */
record Node(String name, Row row) {
    /**
     * @param number the owner's clock when it was made: its rows' keys begin with that, so that a node which is deleted and made
     *     again never meets the old one's
     * @param creator the bare JID of who made it
     * @param items that it has now
     * @param bytes of these
     * @param relations entities that have something to do with it
     */
    record Row(long number, String creator, int items, long bytes, int relations, NodeConfig config) {
        static final ValueCodec<Row> CODEC = Values.versioned(1, Row::write, Row::read);

        private static void write(ValueWriter out, Row row) {
            out.fixed64(row.number)
                    .text(row.creator)
                    .varint(row.items)
                    .varint(row.bytes)
                    .varint(row.relations);
            NodeConfig.write(out, row.config);
        }

        private static Row read(ValueReader in) {
            return new Row(in.fixed64(), in.text(), in.size(), in.varint(), in.size(), NodeConfig.read(in));
        }
    }

    static Node of(String name, long number, BareJid creator, NodeConfig config) {
        return new Node(name, new Row(number, creator.toString(), 0, 0, 0, config));
    }

    long number() {
        return row.number();
    }

    NodeConfig config() {
        return row.config();
    }

    int items() {
        return row.items();
    }

    Node with(NodeConfig config) {
        return new Node(name, new Row(row.number, row.creator, row.items, row.bytes, row.relations, config));
    }

    /** With so many items and bytes more. */
    Node counting(int items, long bytes) {
        return new Node(
                name,
                new Row(row.number, row.creator, row.items + items, row.bytes + bytes, row.relations, row.config));
    }

    Node countingRelations(int relations) {
        return new Node(
                name, new Row(row.number, row.creator, row.items, row.bytes, row.relations + relations, row.config));
    }
}
