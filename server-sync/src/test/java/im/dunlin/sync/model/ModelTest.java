// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.model;

import static org.assertj.core.api.Assertions.fail;

import im.dunlin.storage.Seed;
import im.dunlin.storage.memory.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random histories of devices of both kinds. After each reconnect a device knows what one without a past is told, and that is what
 * the {@link Reference} says. A history that fails is made as short as it can be and printed.
 *
 * <p>{@code -Ddunlin.model.sequences=10000} runs so many histories, {@code -Ddunlin.seed} begins with a given one,
 * {@code -Ddunlin.model.length} makes them as long.
 */
class ModelTest {
    private static final int SEQUENCES = Integer.getInteger("dunlin.model.sequences", 30);
    private static final int LENGTH = Integer.getInteger("dunlin.model.length", 60);

    @Test
    void everyDeviceKnowsWhatThereIs() {
        long seed = Seed.next();
        System.out.println("ModelTest seed " + seed + ", " + SEQUENCES + " sequences");
        for (int i = 0; i < SEQUENCES; i++) {
            if (i % 500 == 499) {
                System.out.println("ModelTest is at " + (i + 1));
            }
            long each = seed + i;
            List<Operation> history = Operation.history(each, LENGTH);
            Throwable failure = play(history);
            if (failure != null) {
                report(each, shrunk(history));
            }
        }
    }

    private static @Nullable Throwable play(List<Operation> history) {
        try (World world = new World(new MemoryStore())) {
            history.forEach(world::play);
            world.check();
            return null;
        } catch (AssertionError | RuntimeException failure) {
            return failure;
        }
    }

    /** Without the parts that it fails without. */
    private static List<Operation> shrunk(List<Operation> history) {
        List<Operation> least = history;
        for (int size = history.size() / 2; size > 0; size /= 2) {
            for (int from = 0; from < least.size(); ) {
                List<Operation> less = new ArrayList<>(least.subList(0, from));
                less.addAll(least.subList(Math.min(from + size, least.size()), least.size()));
                if (play(less) != null) {
                    least = less;
                } else {
                    from += size;
                }
            }
        }
        return least;
    }

    private static void report(long seed, List<Operation> history) {
        Throwable failure = play(history);
        String operations = history.stream().map(Operation::toString).collect(Collectors.joining("\n"));
        fail("seed " + seed + " fails by\n" + operations, failure);
    }
}
