// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.model;

import static im.dunlin.sync.model.Operation.Kind.ACCEPT;
import static im.dunlin.sync.model.Operation.Kind.ARCHIVE;
import static im.dunlin.sync.model.Operation.Kind.BLOCK;
import static im.dunlin.sync.model.Operation.Kind.DELETE;
import static im.dunlin.sync.model.Operation.Kind.EDIT;
import static im.dunlin.sync.model.Operation.Kind.FORGET;
import static im.dunlin.sync.model.Operation.Kind.HANG_UP;
import static im.dunlin.sync.model.Operation.Kind.MUTE;
import static im.dunlin.sync.model.Operation.Kind.PIN;
import static im.dunlin.sync.model.Operation.Kind.PROPOSE;
import static im.dunlin.sync.model.Operation.Kind.PRUNE;
import static im.dunlin.sync.model.Operation.Kind.READ;
import static im.dunlin.sync.model.Operation.Kind.RECEIVE;
import static im.dunlin.sync.model.Operation.Kind.RETRACT;
import static im.dunlin.sync.model.Operation.Kind.RETRACT_ALL;
import static im.dunlin.sync.model.Operation.Kind.RETRACT_HERE;
import static im.dunlin.sync.model.Operation.Kind.RING;
import static im.dunlin.sync.model.Operation.Kind.SEND;
import static im.dunlin.sync.model.Operation.Kind.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.storage.FaultyStore;
import im.dunlin.storage.Seed;
import im.dunlin.storage.memory.MemoryStore;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The disk fails at each write and sync of a history in turn. When the machine is up again heads, entries, indexes, calls and
 * deltas of every account agree, and both archives have the same.
 */
class CrashTest {
    private static final int SEQUENCES = Integer.getInteger("dunlin.model.sequences", 20);
    private static final int LENGTH = 40;

    private static final int ALICE_WEB = 0;
    private static final int ALICE_PHONE = 1;
    private static final int ALICE_DESK = 2;
    private static final int BOB_PHONE = 3;
    private static final int BOB_DESK = 4;

    /** To Bob from Alice, and to Alice from Bob. */
    private static final int EACH_OTHER = 2;

    private static final int PLAIN = 1;
    private static final int ENCRYPTED = 5;
    private static final int NEWEST = 0;
    private static final int STORED = 0;
    private static final int UNSTORED = 1;
    private static final int A_MINUTE = 3;

    private enum Fault {
        AT_WRITE(FaultyStore::failAtWrite),
        BEHIND_WRITE(FaultyStore::failBehindWrite),
        AT_SYNC(FaultyStore::failAtSync);

        private final BiConsumer<FaultyStore, Integer> cause;

        Fault(BiConsumer<FaultyStore, Integer> cause) {
            this.cause = cause;
        }
    }

    private static Operation does(int device, Operation.Kind kind, int pick, int how) {
        return new Operation(kind, device, pick, how);
    }

    private static void everywhere(Fault fault, List<Operation> history) {
        int at = 0;
        boolean reached = true;
        while (reached) {
            FaultyStore faulty = new FaultyStore(MemoryStore::new);
            try (World world = new World(faulty, List.of(World.ALICE, World.BOB))) {
                fault.cause.accept(faulty, at);
                reached = history.stream().anyMatch(operation -> world.survives(operation, faulty));
                if (reached) {
                    world.checkAgreement();
                    // Questions and offers that were open have come to their ends.
                    world.wait(Duration.ofMinutes(2));
                    world.checkAgreement();
                }
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError(fault + " " + at, failure);
            }
            at++;
        }
        assertThat(at).as("points of failure").isGreaterThan(history.size());
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void messagesEditsAndRetractions(Fault fault) {
        everywhere(
                fault,
                List.of(
                        does(ALICE_WEB, SEND, EACH_OTHER, PLAIN),
                        does(BOB_DESK, SEND, EACH_OTHER, PLAIN),
                        does(ALICE_WEB, EDIT, NEWEST, 0),
                        does(BOB_DESK, EDIT, NEWEST, 0),
                        does(ALICE_PHONE, RETRACT, NEWEST, 0),
                        does(BOB_DESK, RETRACT, NEWEST, 0)));
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void marksAndStates(Fault fault) {
        everywhere(
                fault,
                List.of(
                        does(ALICE_DESK, SEND, EACH_OTHER, PLAIN),
                        does(ALICE_DESK, SEND, EACH_OTHER, ENCRYPTED),
                        does(BOB_PHONE, RECEIVE, NEWEST, 0),
                        does(BOB_DESK, READ, NEWEST, 0),
                        does(BOB_PHONE, PIN, NEWEST, 1),
                        does(BOB_PHONE, MUTE, NEWEST, 1),
                        does(BOB_PHONE, ARCHIVE, NEWEST, 0),
                        does(BOB_PHONE, DELETE, NEWEST, 0)));
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void calls(Fault fault) {
        everywhere(
                fault,
                List.of(
                        does(ALICE_WEB, PROPOSE, EACH_OTHER, STORED),
                        does(BOB_PHONE, RING, NEWEST, 0),
                        does(BOB_DESK, ACCEPT, NEWEST, 0),
                        does(ALICE_WEB, HANG_UP, NEWEST, 1),
                        does(BOB_PHONE, PROPOSE, EACH_OTHER, UNSTORED),
                        does(BOB_PHONE, WAIT, A_MINUTE, 0)));
    }

    /** What changes one side alone is left out, since both sides are compared. */
    private static final Set<Operation.Kind> ONE_SIDED = EnumSet.of(RETRACT_HERE, FORGET, RETRACT_ALL, BLOCK, PRUNE);

    @Test
    void randomHistories() {
        long seed = Seed.next();
        System.out.println("CrashTest seed " + seed + ", " + SEQUENCES + " sequences");
        for (int i = 0; i < SEQUENCES; i++) {
            long each = seed + i;
            Random random = new Random(each);
            List<Operation> history = Operation.history(each, LENGTH).stream()
                    .filter(operation -> !ONE_SIDED.contains(operation.kind()))
                    .toList();
            FaultyStore faulty = new FaultyStore(MemoryStore::new);
            try (World world = new World(faulty)) {
                Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
                fault.cause.accept(faulty, random.nextInt(2 * LENGTH));
                if (history.stream().anyMatch(operation -> world.survives(operation, faulty))) {
                    world.checkAgreement();
                    world.wait(Duration.ofMinutes(2));
                    world.checkAgreement();
                }
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + each, failure);
            }
        }
    }
}
