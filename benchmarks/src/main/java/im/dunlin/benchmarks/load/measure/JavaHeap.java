// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The heap of a JVM of the same user, asked by {@code jcmd}. */
public final class JavaHeap {
    private static final long BETWEEN_MILLIS = 1_000;

    private JavaHeap() {}

    /** Bytes of all that is reachable. Takes seconds, and stops the JVM twice. */
    public static long liveBytes(long pid) throws IOException, InterruptedException {
        // Twice: what the first collection makes unreachable, such as buffers of finished logins, the second one frees.
        jcmd(pid, "GC.run");
        Thread.sleep(BETWEEN_MILLIS);
        jcmd(pid, "GC.run");
        String total = jcmd(pid, "GC.class_histogram")
                .lines()
                .filter(line -> line.startsWith("Total"))
                .findFirst()
                .orElseThrow(() -> new IOException("no total in the heap's histogram"));
        return Long.parseLong(total.trim().split("\\s+")[2]);
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("jcmd", Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
