// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.core.portable.PortableReader;
import im.dunlin.dist.transfer.AccountImport;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Brings in accounts of other servers. */
@Command(
        name = "import",
        description = {
            "Bring in accounts from a file of another server (XEP-0227), while the server serves or while it does not.",
            "Each account comes in whole or not at all. One that is there already stays as it is."
        })
final class ImportCommand implements Callable<Integer> {
    private final Dunlin dunlin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "What export, or another server, has written.")
    private Path file = Path.of("");

    ImportCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public Integer call() throws Exception {
        return dunlin.ask(administration -> {
            AccountImport run = new AccountImport(
                    administration, line -> spec.commandLine().getErr().println("dunlin: " + line));
            boolean well = run.run(to -> PortableReader.read(file, to));
            spec.commandLine().getOut().println(run.summary());
            return well ? 0 : Dunlin.FAILED;
        });
    }
}
