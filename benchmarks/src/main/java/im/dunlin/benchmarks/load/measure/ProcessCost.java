// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/** What Linux says about a process and those that it started ({@code proc(5)}); zero for one that has ended. */
public final class ProcessCost {
    private static final double TICKS_PER_SECOND = 100;

    /** Places in {@code stat} behind the command's name: own and waited-for children's time, user and system. */
    private static final int FIRST_TIME = 11;

    private static final int TIMES = 4;

    private final Path root;
    private final long pid;

    public ProcessCost(long pid) {
        this(Path.of("/proc"), pid);
    }

    ProcessCost(Path root, long pid) {
        this.root = root;
        this.pid = pid;
    }

    /** Seconds of CPU used so far, of all threads, user and system. */
    public double cpuSeconds() throws IOException {
        double ticks = 0;
        for (long each : family()) {
            String stat = read(each, "stat");
            if (stat.isEmpty()) {
                continue;
            }
            // The command's name may contain spaces and parentheses.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            for (int i = FIRST_TIME; i < FIRST_TIME + TIMES; i++) {
                ticks += Double.parseDouble(fields[i]);
            }
        }
        return ticks / TICKS_PER_SECOND;
    }

    /** KiB of memory that are resident. */
    public long residentKib() throws IOException {
        return sum("status", "VmRSS:");
    }

    /** KiB of resident memory, that which is shared with others by share; needs to be the process's user. */
    public long proportionalKib() throws IOException {
        return sum("smaps_rollup", "Pss:");
    }

    private long sum(String file, String field) throws IOException {
        long kib = 0;
        for (long each : family()) {
            for (String line : read(each, file).split("\n")) {
                if (line.startsWith(field)) {
                    kib += Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        }
        return kib;
    }

    private List<Long> family() throws IOException {
        List<Long> family = new ArrayList<>();
        Deque<Long> open = new ArrayDeque<>(List.of(pid));
        while (!open.isEmpty()) {
            long next = open.remove();
            family.add(next);
            Path tasks = root.resolve(Long.toString(next)).resolve("task");
            if (!Files.isDirectory(tasks)) {
                continue;
            }
            try (Stream<Path> threads = Files.list(tasks)) {
                for (Path thread : (Iterable<Path>) threads::iterator) {
                    for (String child : readOrEmpty(thread.resolve("children")).split(" ")) {
                        if (!child.isBlank()) {
                            open.add(Long.parseLong(child.trim()));
                        }
                    }
                }
            }
        }
        return family;
    }

    private String read(long process, String file) throws IOException {
        return readOrEmpty(root.resolve(Long.toString(process)).resolve(file));
    }

    private static String readOrEmpty(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("No such process")) {
                return "";
            }
            throw e;
        }
    }
}
