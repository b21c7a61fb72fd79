// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.control.ControlClient;
import im.dunlin.dist.control.RefusedException;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.data.StartException;
import im.dunlin.storage.StoreBusyException;
import im.dunlin.storage.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line; without a command it serves. */
@Command(
        name = "dunlin",
        description = "An XMPP server. Without a command it serves.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        scope = ScopeType.INHERIT)
public final class Dunlin implements Callable<Integer> {
    /** What a command without success ends with; wrong usage ends with 2. */
    static final int FAILED = 1;

    private static final String COMPLETION = "generate-completion";

    /** By their names, as help lists them. To make them all takes a tenth of a start, so who serves makes none of them. */
    private static final Map<String, Function<Dunlin, Object>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put(COMPLETION, dunlin -> new GenerateCompletion());
        COMMANDS.put("serve", ServeCommand::new);
        COMMANDS.put("user", UserCommand::new);
        COMMANDS.put("push", PushCommand::new);
        COMMANDS.put("config", ConfigCommand::new);
        COMMANDS.put("invite", InviteCommand::new);
        COMMANDS.put("invitations", InvitationsCommand::new);
        COMMANDS.put("reports", ReportsCommand::new);
        COMMANDS.put("status", StatusCommand::new);
        COMMANDS.put("backup", BackupCommand::new);
        COMMANDS.put("restore", RestoreCommand::new);
        COMMANDS.put("export", ExportCommand::new);
        COMMANDS.put("import", ImportCommand::new);
        COMMANDS.put("check", CheckCommand::new);
        COMMANDS.put("demo", DemoCommand::new);
        COMMANDS.put("version", dunlin -> new VersionCommand());
    }

    private static final List<String> CONFIG_OPTIONS = List.of("-c", "--config");

    private static final Path DEFAULT_CONFIG = Path.of("dunlin.yaml");

    private final ServerFactory servers;
    private final StopSignal stop;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Configuration; without it dunlin.yaml in this directory, or else the defaults.")
    private @Nullable Path config;

    private Dunlin(ServerFactory servers, StopSignal stop) {
        this.servers = servers;
        this.stop = stop;
    }

    /**
     * The command line over this factory's servers.
     *
     * @param arguments what it will be given: only the command that they name is made, or all when they name none
     */
    public static CommandLine commandLine(ServerFactory servers, StopSignal stop, String... arguments) {
        Dunlin dunlin = new Dunlin(servers, stop);
        CommandLine line = new CommandLine(dunlin);
        Predicate<String> needed = needed(List.of(arguments));
        COMMANDS.forEach((name, command) -> {
            if (needed.test(name)) {
                line.addSubcommand(command.apply(dunlin));
            }
        });
        line.setExecutionExceptionHandler((failure, command, result) -> explain(failure, command));
        line.setParameterExceptionHandler((mistake, given) -> explainUsage(mistake));
        return line;
    }

    @Override
    public Integer call() throws Exception {
        return new ServeCommand(this).call(spec.commandLine());
    }

    private static Predicate<String> needed(List<String> arguments) {
        boolean configured = arguments.size() >= 2 && CONFIG_OPTIONS.contains(arguments.get(0));
        List<String> rest = configured ? arguments.subList(2, arguments.size()) : arguments;
        if (rest.isEmpty()) {
            return name -> false;
        }
        String first = rest.get(0);
        return COMMANDS.containsKey(first) && !first.equals(COMPLETION) ? first::equals : name -> true;
    }

    private static int explain(Exception failure, CommandLine command) throws Exception {
        if (failure instanceof StartException
                || failure instanceof RefusedException
                || failure instanceof ConfigException
                || failure instanceof StoreException) {
            command.getErr().println("dunlin: " + failure.getMessage());
            return FAILED;
        }
        throw failure;
    }

    private static int explainUsage(ParameterException mistake) {
        CommandLine command = mistake.getCommandLine();
        command.getErr().println("dunlin: " + mistake.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(mistake, command.getErr())) {
            command.getErr().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        }
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    ServerFactory servers() {
        return servers;
    }

    StopSignal stop() {
        return stop;
    }

    /** The file that {@link #configuration} reads; {@code null} when there is none. */
    @Nullable
    Path configFile() {
        return config != null ? config : Files.exists(DEFAULT_CONFIG) ? DEFAULT_CONFIG : null;
    }

    ServerConfig configuration() throws ConfigException {
        Path file = configFile();
        ConfigLoader loader = servers.configurations();
        return file == null ? loader.parse("") : loader.load(file);
    }

    /** What a command asks of an administration. */
    interface Request<T> {
        T apply(Administration administration) throws RefusedException;
    }

    /** Asks the server that runs on the data directory or, when none does, what lies there. */
    <T> T ask(Request<T> request) throws ConfigException, StartException, RefusedException {
        ServerConfig configuration = configuration();
        DataDirectory data = new DataDirectory(configuration.data());
        data.prepare();
        try (Administration stopped = servers.open(configuration, data)) {
            return request.apply(stopped);
        } catch (StoreBusyException e) {
            try (ControlClient running = new ControlClient(data.controlSocket())) {
                return request.apply(running);
            }
        }
    }
}
