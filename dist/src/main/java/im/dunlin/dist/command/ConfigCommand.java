// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.core.config.ConfigPrinter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The configuration: is it right, and what does it amount to. */
@Command(
        name = "config",
        description = "The configuration: is it right, and what does it amount to.",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true)
final class ConfigCommand implements Runnable {
    private final Dunlin dunlin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    ConfigCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "config: which of check, print?");
    }

    @Command(name = "check", description = "Say whether the server would start with this configuration.")
    int check() throws Exception {
        dunlin.configuration();
        Path file = dunlin.configFile();
        spec.commandLine().getOut().println((file == null ? "the defaults" : file) + ": right");
        return 0;
    }

    @Command(name = "print", description = "Print every key with its meaning, its default and its value.")
    int print() throws Exception {
        spec.commandLine().getOut().print(ConfigPrinter.print(dunlin.configuration()));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
