// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.dist.transfer.AccountExport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes accounts to a file that other servers read (XEP-0227). */
@Command(
        name = "export",
        description = {
            "Write accounts to a file that other servers read (XEP-0227), while the server serves or while it does not.",
            "Files have what passwords are checked against, and can be read by their user only."
        })
final class ExportCommand implements Callable<Integer> {
    private final Dunlin dunlin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "JID|DOMAIN",
            arity = "0..1",
            description = "Only this account, or those of this domain; without it all.")
    private @Nullable String what;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE|DIRECTORY",
            required = true,
            description = "Where to: a file that does not exist yet, or a directory that gets a file of each account.")
    private Path target = Path.of("");

    /** Who is to read it. */
    private enum Reader {
        xep0227,
        ejabberd
    }

    @Option(
            names = "--for",
            paramLabel = "WHOM",
            defaultValue = "xep0227",
            description =
                    "${COMPLETION-CANDIDATES}: any server that knows XEP-0227, or ejabberd, which wants keys of SCRAM in a"
                            + " form of its own. Without it: ${DEFAULT-VALUE}.")
    private Reader reader = Reader.xep0227;

    ExportCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public Integer call() throws Exception {
        ServerConfig config = dunlin.configuration();
        String only = what;
        if (only != null && only.indexOf('@') < 0 && !config.hosts().containsKey(only)) {
            throw new ParameterException(spec.commandLine(), only + ": no such domain is served here");
        }
        List<String> hosts = only == null ? List.copyOf(config.hosts().keySet()) : List.of(only);
        AccountExport.Form form = switch (reader) {
            case xep0227 -> AccountExport.Form.XEP_0227;
            case ejabberd -> AccountExport.Form.EJABBERD;
        };
        int written = dunlin.ask(administration -> {
            String account = only == null || only.indexOf('@') < 0 ? null : only;
            boolean each = Files.isDirectory(target);
            if (account == null) {
                return each
                        ? AccountExport.each(administration, form, hosts, target)
                        : new AccountExport(administration, form, target).hosts(hosts);
            }
            return each
                    ? AccountExport.one(administration, form, account, target)
                    : new AccountExport(administration, form, target).account(account);
        });
        spec.commandLine().getOut().println(written + " accounts written to " + target);
        return 0;
    }
}
