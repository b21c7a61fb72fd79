// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Ends a serving process, from any thread. The first reason counts. */
public final class StopSignal {
    private final CountDownLatch requested = new CountDownLatch(1);
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
    private volatile boolean serving;

    /** The operator wants the end. */
    public void request() {
        requested.countDown();
    }

    /** The server cannot go on. */
    void fail(String reason) {
        if (requested.getCount() != 0) {
            failure.compareAndSet(null, reason);
            requested.countDown();
        }
    }

    /** From now on somebody waits for the signal and does what it says. */
    void serving() {
        serving = true;
    }

    /** Whether the process has something to finish before it may end. */
    public boolean isServing() {
        return serving;
    }

    /** Waits for the signal; the reason when it was a failure. */
    @Nullable
    String await() throws InterruptedException {
        requested.await();
        return failure.get();
    }
}
