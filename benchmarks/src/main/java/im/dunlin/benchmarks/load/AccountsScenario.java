// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import im.dunlin.benchmarks.load.client.Client;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/** Makes the accounts of the other scenarios, where the server lets clients do that (XEP-0077). */
@Command(name = "accounts", description = "Makes the accounts by in-band registration; those that exist stay.")
final class AccountsScenario extends Scenario {
    @Override
    protected void measure(Run run) throws Exception {
        int count = target().accounts();
        for (int i = 0; i < count; i++) {
            Client client = run.connector()
                    .register(target().user(i), target().password())
                    .get(30, TimeUnit.SECONDS);
            client.close().get(30, TimeUnit.SECONDS);
            run.line().show("accounts", (double) i / count, i + " of " + count);
        }
        run.report().add("accounts", count, "");
    }
}
