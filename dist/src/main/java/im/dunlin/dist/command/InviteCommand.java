// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes an invitation, of a running server and of a stopped one alike. */
@Command(
        name = "invite",
        description = {
            "Make a link that is good once: whoever opens it makes an account of their own.",
            "By an account, whoever opens it becomes a contact of that account, and may make an account for it."
        })
final class InviteCommand implements Callable<Integer> {
    private final Dunlin dunlin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "HOST|JID",
            arity = "0..1",
            description = "Host of the new account, or the account that invites. Without it: the first host.")
    private @Nullable String by;

    @Option(names = "--name", paramLabel = "NAME", description = "The only user name that may be made by it.")
    private @Nullable String name;

    InviteCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public Integer call() throws Exception {
        String asked = by != null
                ? by
                : dunlin.configuration().hosts().keySet().iterator().next();
        Map<String, String> facts = dunlin.ask(administration -> administration.invite(asked, name));
        facts.forEach((fact, value) -> spec.commandLine().getOut().println(fact + ": " + value));
        return 0;
    }
}
