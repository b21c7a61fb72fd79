// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** How far a run is, on one line that is written over at a terminal and kept to a line each ten seconds elsewhere. */
public final class LiveLine {
    private static final int WIDTH = 24;
    private static final long AT_TERMINAL = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long ELSEWHERE = TimeUnit.SECONDS.toNanos(10);

    private final PrintStream out;
    private final boolean terminal;
    private long shown = System.nanoTime();

    public LiveLine(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Shows, if it is time to: the share that is done, 0 to 1, and a few figures. */
    public void show(String what, double done, String figures) {
        long now = System.nanoTime();
        if (now - shown < (terminal ? AT_TERMINAL : ELSEWHERE)) {
            return;
        }
        shown = now;
        int full = (int) Math.round(Math.max(0, Math.min(1, done)) * WIDTH);
        String line = String.format(
                Locale.ROOT,
                "%-10s [%s%s] %3.0f %%  %s",
                what,
                "#".repeat(full),
                "-".repeat(WIDTH - full),
                done * 100,
                figures);
        out.print(terminal ? "\r\u001b[K" + line : line + "\n");
        out.flush();
    }

    /** Leaves the terminal clean for what comes next. */
    public void clear() {
        if (terminal) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }
}
