// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Who is woken, and why or why not. */
@Command(
        name = "push",
        description = "Which devices are woken, and why or why not.",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true)
final class PushCommand implements Runnable {
    private final Dunlin dunlin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    PushCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "push: which of devices, explain?");
    }

    @Command(name = "devices", description = "Show the devices of an account that can be woken, and how that fares.")
    int devices(
            @Parameters(paramLabel = "JID", description = "Bare JID of the account, such as juliet@localhost.")
                    String jid)
            throws Exception {
        return print(dunlin.ask(administration -> administration.pushDevices(jid)), jid + " has no such device");
    }

    @Command(
            name = "explain",
            description = "Show what became of a message or a call of the last three days for each device that was not"
                    + " connected.")
    int explain(
            @Parameters(
                            paramLabel = "ID",
                            description = "Archive id of the message (the stanza-id that clients see), or session id of"
                                    + " the call.")
                    String event)
            throws Exception {
        return print(
                dunlin.ask(administration -> administration.explainPush(event)),
                "nothing was decided about " + event + ": no device to wake, all connected, or too long ago");
    }

    private int print(List<String> lines, String otherwise) {
        (lines.isEmpty() ? List.of(otherwise) : lines)
                .forEach(spec.commandLine().getOut()::println);
        return 0;
    }
}
