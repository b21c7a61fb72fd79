// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import im.dunlin.benchmarks.load.client.Client;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the accounts of the other scenarios, where the server lets clients do that (XEP-0077). */
@Command(name = "accounts", description = "Makes the accounts by in-band registration; those that exist stay.")
final class AccountsScenario extends Scenario {
    private static final int PATIENCE_SECONDS = 60;

    @Option(names = "--first", defaultValue = "0", description = "Number of the first that is made. Default: 0.")
    private int first;

    @Option(names = "--at-once", defaultValue = "16", description = "How many are under way at a time. Default: 16.")
    private int atOnce;

    @Override
    protected void measure(Run run) throws Exception {
        int count = target().accounts();
        Deque<CompletableFuture<Client>> open = new ArrayDeque<>();
        for (int i = first; i < count || !open.isEmpty(); ) {
            while (i < count && open.size() < atOnce) {
                open.add(run.connector().register(target().user(i++), target().password()));
            }
            open.remove().get(PATIENCE_SECONDS, TimeUnit.SECONDS).close().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            run.line().show("accounts", (double) i / count, i + " of " + count);
        }
        run.report().add("accounts", Math.max(0, count - first), "");
    }
}
