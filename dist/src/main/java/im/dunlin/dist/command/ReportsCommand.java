// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what users have reported. */
@Command(
        name = "reports",
        description = "Show whom users have reported for spam or abuse when they blocked them, the newest first.")
final class ReportsCommand implements Callable<Integer> {
    private final Dunlin dunlin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DOMAIN", arity = "0..1", description = "Only reports of users of this domain.")
    private @Nullable String host;

    ReportsCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public Integer call() throws Exception {
        dunlin.ask(administration -> administration.reports(host))
                .forEach(spec.commandLine().getOut()::println);
        return 0;
    }
}
