// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.dist.control.ControlClient;
import im.dunlin.dist.data.DataDirectory;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** How the running server is; ends with 3 when none runs. */
@Command(name = "status", description = "Say how the running server is; ends with 3 when none runs.")
final class StatusCommand implements Callable<Integer> {
    private static final int NOT_RUNNING = 3;

    private final Dunlin dunlin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    StatusCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public Integer call() throws Exception {
        DataDirectory data = new DataDirectory(dunlin.configuration().data());
        try (ControlClient server = new ControlClient(data.controlSocket())) {
            if (!server.answers()) {
                spec.commandLine().getOut().println("not running");
                return NOT_RUNNING;
            }
            server.status().forEach((name, value) -> spec.commandLine().getOut().println(name + ": " + value));
            return 0;
        }
    }
}
