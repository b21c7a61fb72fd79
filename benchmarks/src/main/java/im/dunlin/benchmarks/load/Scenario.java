// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** One kind of load. It ends by itself, whatever the server does. */
public abstract class Scenario implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int OUT_OF_TIME = 3;
    private static final int LIMIT_SECONDS = 600;

    @Mixin
    private Target target = new Target();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Puts the load on the server and adds the figures to the run's report. */
    protected abstract void measure(Run run) throws Exception;

    /** What the figures stand under. */
    protected String reportedAs() {
        return spec.name();
    }

    /** Seconds that the measurement is meant to take; more if the server is slow. */
    protected int lasts() {
        return 0;
    }

    protected final Target target() {
        return target;
    }

    @Override
    public final Integer call() throws Exception {
        target.server();
        Integer limit = target.limitSeconds();
        endAfter(limit == null ? LIMIT_SECONDS + lasts() : limit);
        String name = target.named();
        try (Run run = new Run(name == null ? reportedAs() : name, target)) {
            measure(run);
            run.finish(spec.commandLine().getOut());
            return run.report().failed() ? FAILED : 0;
        }
    }

    private static void endAfter(int seconds) {
        Thread watch = new Thread(
                () -> {
                    try {
                        Thread.sleep(seconds * 1_000L);
                    } catch (InterruptedException e) {
                        return;
                    }
                    System.err.println("dunlin-load: not done after " + seconds + " seconds (--limit); given up");
                    Runtime.getRuntime().halt(OUT_OF_TIME);
                },
                "limit");
        watch.setDaemon(true);
        watch.start();
    }
}
