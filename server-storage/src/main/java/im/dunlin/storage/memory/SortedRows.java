// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.memory;

import im.dunlin.storage.Cursor;
import im.dunlin.storage.Direction;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * An immutable sorted map of rows: a change makes a new one that shares all but a path with the old, so a snapshot is a
 * reference. A treap, a search tree by key that is a heap by priority; the priority is a hash of the key, which keeps
 * the tree shallow and its shape a matter of its content only.
 */
final class SortedRows {
    static final SortedRows EMPTY = new SortedRows(null);

    private final @Nullable Node root;

    private SortedRows(@Nullable Node root) {
        this.root = root;
    }

    private record Node(
            byte[] key,
            byte[] value,
            int priority,
            @Nullable Node left,
            @Nullable Node right,
            int size) {
        static Node of(Node like, @Nullable Node left, @Nullable Node right) {
            return new Node(like.key, like.value, like.priority, left, right, 1 + sizeOf(left) + sizeOf(right));
        }

        static int sizeOf(@Nullable Node node) {
            return node == null ? 0 : node.size;
        }
    }

    /** What lies before a key, and what lies from it on. */
    private record Split(@Nullable Node below, @Nullable Node above) {}

    int size() {
        return Node.sizeOf(root);
    }

    byte @Nullable [] get(byte[] key) {
        Node node = root;
        while (node != null) {
            int order = Arrays.compareUnsigned(key, node.key);
            if (order == 0) {
                return node.value;
            }
            node = order < 0 ? node.left : node.right;
        }
        return null;
    }

    SortedRows with(byte[] key, byte[] value) {
        Split at = split(root, key);
        Split behind = split(at.above, successor(key));
        Node node = new Node(key, value, priority(key), null, null, 1);
        return new SortedRows(join(join(at.below, node), behind.above));
    }

    SortedRows without(byte[] key) {
        return get(key) == null ? this : without(key, successor(key));
    }

    /** Without all from one key to before another. */
    SortedRows without(byte[] from, byte[] to) {
        Split at = split(root, from);
        return new SortedRows(join(at.below, split(at.above, to).above));
    }

    Cursor cursor(byte[] from, byte[] to, Direction direction) {
        Node inside = split(split(root, from).above, to).below;
        return new NodeCursor(inside, direction == Direction.FORWARD);
    }

    private static Split split(@Nullable Node node, byte[] key) {
        if (node == null) {
            return new Split(null, null);
        }
        if (Arrays.compareUnsigned(node.key, key) < 0) {
            Split right = split(node.right, key);
            return new Split(Node.of(node, node.left, right.below), right.above);
        }
        Split left = split(node.left, key);
        return new Split(left.below, Node.of(node, left.above, node.right));
    }

    /** Every key of the first is below every key of the second. */
    private static @Nullable Node join(@Nullable Node low, @Nullable Node high) {
        if (low == null || high == null) {
            return low == null ? high : low;
        }
        return low.priority > high.priority
                ? Node.of(low, low.left, join(low.right, high))
                : Node.of(high, join(low, high.left), high.right);
    }

    private static byte[] successor(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }

    /** Neighbouring keys need priorities that have nothing to do with each other, hence the mixing. */
    private static int priority(byte[] key) {
        int hash = Arrays.hashCode(key);
        hash = (hash ^ hash >>> 16) * 0x85ebca6b;
        hash = (hash ^ hash >>> 13) * 0xc2b2ae35;
        return hash ^ hash >>> 16;
    }

    /** Walks a tree in either direction; the stack holds the nodes whose own row is still to come. */
    private static final class NodeCursor implements Cursor {
        private final Deque<Node> path = new ArrayDeque<>();
        private final boolean forward;
        private @Nullable Node current;

        NodeCursor(@Nullable Node root, boolean forward) {
            this.forward = forward;
            descend(root);
        }

        private void descend(@Nullable Node from) {
            for (Node node = from; node != null; node = forward ? node.left : node.right) {
                path.push(node);
            }
        }

        @Override
        public boolean next() {
            current = path.poll();
            if (current == null) {
                return false;
            }
            descend(forward ? current.right : current.left);
            return true;
        }

        @Override
        public byte[] key() {
            return row().key;
        }

        @Override
        public byte[] value() {
            return row().value;
        }

        private Node row() {
            if (current == null) {
                throw new IllegalStateException("no row here");
            }
            return current;
        }

        @Override
        public void close() {}
    }
}
