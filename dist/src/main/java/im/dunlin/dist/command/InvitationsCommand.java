// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows invitations, and takes them back. */
@Command(
        name = "invitations",
        description = "Show the invitations of a host and of its users, or take back one that nobody has used.")
final class InvitationsCommand implements Callable<Integer> {
    private final Dunlin dunlin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "HOST", arity = "0..1", description = "Without it: the first host.")
    private @Nullable String host;

    @Option(names = "--take-back", paramLabel = "ID", description = "The first word of the line that shows it.")
    private @Nullable String id;

    InvitationsCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public Integer call() throws Exception {
        String asked = host != null
                ? host
                : dunlin.configuration().hosts().keySet().iterator().next();
        String taken = id;
        if (taken != null) {
            dunlin.ask(administration -> {
                administration.takeInvitationBack(asked, taken);
                return 0;
            });
            return 0;
        }
        dunlin.ask(administration -> administration.invitations(asked))
                .forEach(spec.commandLine().getOut()::println);
        return 0;
    }
}
