// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux says about the process under load. */
record ServerProcess(long pid) {
    private static final int TICKS_PER_SECOND = 100;
    private static final int USER_TIME = 13;

    /** Seconds of CPU that the process has used, user and system. */
    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        // Behind the command's name, which may contain spaces.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Double.parseDouble(fields[USER_TIME - 2]) + Double.parseDouble(fields[USER_TIME - 1]))
                / TICKS_PER_SECOND;
    }

    /** Kibibytes of memory that are resident. */
    long residentKib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no VmRSS");
    }
}
