// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import im.dunlin.benchmarks.load.catchup.CatchupScenario;
import im.dunlin.benchmarks.load.catchup.PrepareScenario;
import im.dunlin.benchmarks.load.measure.Comparison;
import im.dunlin.benchmarks.load.relay.ConnectScenario;
import im.dunlin.benchmarks.load.relay.DiskScenario;
import im.dunlin.benchmarks.load.relay.HoldScenario;
import im.dunlin.benchmarks.load.relay.RelayCommand;
import im.dunlin.benchmarks.load.relay.RelayScenario;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line. A run that could not be measured rightly ends with 1, wrong usage with 2, the time limit with 3. */
@Command(
        name = "dunlin-load",
        description = "Puts load on an XMPP server and says what it cost. Each scenario has --help.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        subcommands = {
            AccountsScenario.class,
            LoginScenario.class,
            IdleScenario.class,
            ChatScenario.class,
            StormScenario.class,
            FanoutScenario.class,
            MixedScenario.class,
            SoakScenario.class,
            UploadScenario.class,
            PrepareScenario.class,
            CatchupScenario.class,
            RelayCommand.class,
            RelayScenario.class,
            ConnectScenario.class,
            HoldScenario.class,
            DiskScenario.class,
        })
public final class Load implements Runnable {
    private static final int FAILED = 1;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Load() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Load())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("dunlin-load: " + rootCause(failure));
                    return FAILED;
                });
    }

    private static Throwable rootCause(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which scenario?");
    }

    @Command(name = "compare", description = "Prints the servers of a file of rows side by side.")
    int compare(
            @Parameters(paramLabel = "FILE", description = "Rows that runs left with --tsv.") Path file,
            @Option(names = "--base", description = "The server that ratios are taken to.", required = true)
                    String base,
            @Option(
                            names = "--floor",
                            description = "What no server can go under; a second table says how far above it they are.")
                    @Nullable
                    List<String> floors,
            @Option(names = "--html", description = "File for a page of plots.") @Nullable Path html)
            throws Exception {
        Comparison comparison = Comparison.of(file);
        Set<String> under = floors == null ? Set.of() : new LinkedHashSet<>(floors);
        PrintWriter out = spec.commandLine().getOut();
        out.print(comparison.table(base));
        if (!under.isEmpty()) {
            out.print("\nHow many times its floor:\n\n" + comparison.floorTable(under));
        }
        out.flush();
        if (html != null) {
            Files.writeString(html, comparison.page(under));
        }
        return 0;
    }
}
