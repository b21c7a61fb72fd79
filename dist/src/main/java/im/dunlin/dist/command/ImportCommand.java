// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.core.portable.AccountSink;
import im.dunlin.core.portable.PortableException;
import im.dunlin.core.portable.PortableReader;
import im.dunlin.dist.transfer.AccountImport;
import im.dunlin.dist.transfer.EjabberdSink;
import im.dunlin.dist.transfer.prosody.ProsodyReader;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Brings in accounts of other servers. */
@Command(
        name = "import",
        description = {
            "Bring in accounts of another server, while this one serves or while it does not.",
            "Each account comes in whole or not at all, unless it is told otherwise.",
            "One that is there already stays as it is."
        })
final class ImportCommand implements Callable<Integer> {
    private final Dunlin dunlin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "FILE|DIRECTORY",
            description = "What export, or another server, has written; for Prosody, its data directory.")
    private Path file = Path.of("");

    /** Whose data it is. */
    private enum Source {
        xep0227,
        prosody,
        ejabberd;

        void read(Path file, AccountSink to) throws PortableException {
            switch (this) {
                case xep0227 -> PortableReader.read(file, to);
                case prosody -> ProsodyReader.read(file, to);
                case ejabberd -> PortableReader.read(file, new EjabberdSink(to));
            }
        }
    }

    @Option(
            names = "--from",
            paramLabel = "WHAT",
            defaultValue = "xep0227",
            description =
                    "${COMPLETION-CANDIDATES}: a file by XEP-0227, the data directory of a stopped Prosody, or the file"
                            + " DATE-TIME.xml of ejabberdctl export_piefxis. Without it: ${DEFAULT-VALUE}.")
    private Source from = Source.xep0227;

    @Option(
            names = "--lenient",
            description = "Leave out parts of an account that are wrong, each named, and bring in the rest of it.")
    private boolean lenient;

    ImportCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public Integer call() throws Exception {
        return dunlin.ask(administration -> {
            AccountImport run = new AccountImport(
                    administration, line -> spec.commandLine().getErr().println("dunlin: " + line), lenient);
            boolean well = run.run(to -> from.read(file, to));
            spec.commandLine().getOut().println(run.summary());
            return well ? 0 : Dunlin.FAILED;
        });
    }
}
