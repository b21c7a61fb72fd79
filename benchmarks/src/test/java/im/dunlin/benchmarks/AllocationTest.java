// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import im.dunlin.storage.Durability;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Bytes that an operation allocates, beside the baselines in {@code allocation.tsv}. Unlike time this does not depend on the
 * machine, so it can fail a build. Whoever means an operation to allocate more, or has made it allocate less, writes the new
 * figure into the file.
 */
class AllocationTest {
    private static final int WARM_UP = 300;
    private static final int OPERATIONS = 200;
    private static final int ROUNDS = 5;

    /** Another Java, another hash order, a buffer that grows in one run only. */
    private static final double TOLERANCE = 1.25;

    private static final int TOLERATED_BYTES = 64;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final List<AutoCloseable> opened = new ArrayList<>();

    private record Operation(Callable<?> body, int parts) {}

    @Test
    void operationsAllocateNoMoreThanTheyDid() throws Exception {
        Map<String, Long> baselines = baselines();
        List<String> measured = new ArrayList<>();
        List<String> worse = new ArrayList<>();
        operations().forEach((name, operation) -> {
            long bytes = allocated(operation);
            measured.add(name + "\t" + bytes);
            Long baseline = baselines.get(name);
            if (baseline == null || bytes > baseline * TOLERANCE + TOLERATED_BYTES) {
                worse.add(name + ": " + bytes + " bytes, and the baseline is " + baseline);
            }
        });
        assertThat(worse)
                .as("all figures, for allocation.tsv:\n" + String.join("\n", measured))
                .isEmpty();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private Map<String, Operation> operations() throws Exception {
        Map<String, Operation> operations = new LinkedHashMap<>();
        for (String kind : List.of("chat", "ping", "ack")) {
            DecoderBenchmark decoder = new DecoderBenchmark();
            decoder.kind = kind;
            decoder.open();
            operations.put("decode " + kind, new Operation(decoder::decode, 1));
        }
        SerializerBenchmark serializer = new SerializerBenchmark();
        operations.put("judge a message", new Operation(serializer::judge, 1));
        operations.put("write a message to a stream", new Operation(serializer::write, 1));
        operations.put("write a carbon copy", new Operation(serializer::carbon, 1));
        operations.put("encode a message for the store", new Operation(serializer::store, 1));
        operations.put("decode a message from the store", new Operation(serializer::load, 1));
        operations.put("a message to one of 100 sessions", new Operation(new FanOutBenchmark()::perSession, 100));
        CanonicalBenchmark canonical = new CanonicalBenchmark();
        operations.put("canonical bytes of a payload", new Operation(canonical::write, 1));
        operations.put("elements of canonical bytes", new Operation(canonical::read, 1));
        JidBenchmark jid = new JidBenchmark();
        operations.put("plain address", new Operation(jid::plain, 1));
        operations.put("international address", new Operation(jid::international, 1));
        KeyCodecBenchmark key = new KeyCodecBenchmark();
        operations.put("write a key", new Operation(key::write, 1));
        operations.put("read a row", new Operation(key::read, 1));
        operations.put("slot of an owner", new Operation(key::slot, 1));
        operations.put("SCRAM exchange", new Operation(new ScramBenchmark()::exchange, 1));
        OutboundBenchmark outbound = new OutboundBenchmark();
        operations.put("a message through a queue", new Operation(outbound::deliver, 1));
        operations.put(
                "a message through a queue until it is acknowledged",
                new Operation(outbound::deliverAndForget, OutboundBenchmark.BATCH));
        PushBenchmark push = new PushBenchmark();
        operations.put("an encrypted push", new Operation(push::message, 1));
        DeliveryBenchmark delivery = new DeliveryBenchmark();
        delivery.open();
        opened.add(delivery::close);
        operations.put(
                "a message to two of three resources", new Operation(delivery::deliver, DeliveryBenchmark.BATCH));
        LaneBenchmark lane = new LaneBenchmark();
        lane.open();
        opened.add(lane::close);
        operations.put("a turn that does nothing", new Operation(lane::many, LaneBenchmark.BATCH));
        GroupSyncBenchmark sync = new GroupSyncBenchmark();
        sync.durability = Durability.NONE;
        sync.open();
        opened.add(sync::close);
        operations.put("a write of five rows", new Operation(asCall(sync::turn), 1));
        ConversationBenchmark conversation = new ConversationBenchmark();
        conversation.open();
        opened.add(conversation::close);
        operations.put("archive page of 50", new Operation(conversation::archivePage, 1));
        operations.put("delta of 5 of 200 conversations", new Operation(conversation::delta, 1));
        operations.put("reconnect with 5 of 200 conversations", new Operation(conversation::reconnect, 1));
        operations.put(
                "append a message to the log",
                new Operation(asCall(conversation::append), ConversationBenchmark.BATCH));
        return operations;
    }

    private interface Action {
        void run() throws Exception;
    }

    private static Callable<?> asCall(Action action) {
        return () -> {
            action.run();
            return action;
        };
    }

    /** The least of some rounds: what others allocate meanwhile is no part of it. */
    private long allocated(Operation operation) {
        int calls = Math.max(1, OPERATIONS / operation.parts());
        run(operation, Math.max(1, WARM_UP / operation.parts()));
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = allThreads();
            run(operation, calls);
            least = Math.min(least, allThreads() - before);
        }
        return least / ((long) calls * operation.parts());
    }

    private long allThreads() {
        long sum = 0;
        for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
            sum += Math.max(0, bytes);
        }
        return sum;
    }

    private static void run(Operation operation, int times) {
        try {
            for (int i = 0; i < times; i++) {
                operation.body().call();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Long> baselines() throws IOException {
        Map<String, Long> baselines = new LinkedHashMap<>();
        try (InputStream in = AllocationTest.class.getResourceAsStream("/allocation.tsv")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                String[] cells = line.split("\t");
                baselines.put(cells[0], Long.valueOf(cells[1]));
            }
        }
        return baselines;
    }
}
