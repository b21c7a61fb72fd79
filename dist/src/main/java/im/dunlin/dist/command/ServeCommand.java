// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.core.config.ListenerConfig;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.modules.page.PageModule;
import im.dunlin.core.net.tls.SelfSignedCertificate;
import im.dunlin.core.net.tls.TlsContexts;
import im.dunlin.dist.control.ControlServer;
import im.dunlin.dist.control.RefusedException;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.data.StartException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves until the operator ends it (SIGTERM, SIGINT) or the server cannot go on. */
@Command(name = "serve", description = "Serve (this is what happens without a command).")
final class ServeCommand implements Callable<Integer> {
    private final Dunlin dunlin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--accept-loss",
            description =
                    "Start although messages are gone that were acknowledged, after the disk lost its last writes.")
    private boolean acceptLoss;

    @Option(
            names = "--accept-clock",
            description = "Start although the clock is behind the time of the newest message.")
    private boolean acceptClock;

    ServeCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public Integer call() throws Exception {
        return call(spec.commandLine());
    }

    int call(CommandLine line) throws Exception {
        dunlin.servers().prepare();
        ServerConfig config = dunlin.configuration();
        DataDirectory data = new DataDirectory(config.data());
        data.prepare();
        StopSignal stop = dunlin.stop();
        stop.serving();
        String failure;
        try (RunningServer server =
                        dunlin.servers().start(config, data, new ServerFactory.Acceptance(acceptLoss, acceptClock));
                ControlServer control = listen(data.controlSocket(), server)) {
            server.failure().thenAccept(stop::fail);
            Path file = dunlin.configFile();
            if (file != null) {
                server.follow(file, dunlin.servers().configurations());
            }
            greet(line.getOut(), config, data, server);
            failure = stop.await();
        }
        if (failure != null) {
            throw new StartException(failure);
        }
        return CommandLine.ExitCode.OK;
    }

    private static ControlServer listen(Path socket, RunningServer server) throws StartException {
        try {
            return ControlServer.open(socket, server.administration());
        } catch (IOException e) {
            throw new StartException(socket + ": commands could not reach this server here (" + e.getMessage() + ")");
        }
    }

    private void greet(PrintWriter out, ServerConfig config, DataDirectory data, RunningServer server)
            throws IOException, RefusedException {
        String host = config.hosts().keySet().iterator().next();
        out.println("Dunlin " + Version.text() + " serves "
                + String.join(", ", config.hosts().keySet()) + " on "
                + server.listeners().stream().map(ServeCommand::describe).collect(Collectors.joining(", ")) + ".");
        out.println("Its data is in " + data.root() + ".");
        String page = page(config, server.listeners());
        if (page != null) {
            out.println("In a browser:      " + page);
        }
        if (server.administration().listUsers(null, null).isEmpty()) {
            out.println("Add an account:    " + program() + " user add NAME@" + host);
            out.println("Connect a client:  as NAME@" + host + ", to this machine.");
            if (config.host(host).tls().certificate() == null) {
                Path certificate = SelfSignedCertificate.in(data.tls(), host, Instant.now(), new SecureRandom())
                        .chain();
                out.println("                   It will ask about the self-signed certificate, whose SHA-256 is");
                out.println("                   " + fingerprint(certificate));
            }
        }
        out.flush();
    }

    /** Where the default host's page is; null without one. */
    private static @Nullable String page(ServerConfig config, List<ListenerConfig> listeners) {
        String host = config.hosts().keySet().iterator().next();
        PublicAddresses addresses = new PublicAddresses(config, TlsContexts::nameInUrls);
        for (ListenerConfig listener : listeners) {
            if (listener.kind().isHttp()) {
                addresses.listening(listener.kind() == ListenerConfig.Kind.HTTPS, listener.port());
            }
        }
        String address = addresses.of(host);
        return address == null || !config.host(host).hasModule(PageModule.KEY) ? null : address + "/";
    }

    /** As clients show it. */
    private static String fingerprint(Path certificate) throws IOException {
        try (InputStream in = Files.newInputStream(certificate)) {
            Certificate read = CertificateFactory.getInstance("X.509").generateCertificate(in);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(read.getEncoded());
            return HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IOException(certificate + ": " + e.getMessage(), e);
        }
    }

    private static String describe(ListenerConfig listener) {
        String address = listener.address().equals(ListenerConfig.ANY_ADDRESS) ? "" : listener.address() + " ";
        return address + "port " + listener.port()
                + switch (listener.kind()) {
                    case STARTTLS -> " (STARTTLS)";
                    case DIRECT_TLS -> " (TLS)";
                    case HTTPS -> " (HTTPS)";
                    case HTTP -> " (HTTP)";
                    case COMPONENT -> " (components)";
                    case SERVER -> " (other servers, STARTTLS)";
                    case SERVER_DIRECT_TLS -> " (other servers, TLS)";
                };
    }

    /** What an operator types before a command. */
    private String program() {
        String classPath = System.getProperty("java.class.path", "");
        Path config = dunlin.configFile();
        return (classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator)
                        ? "java -jar " + classPath
                        : "dunlin")
                + (config == null ? "" : " -c " + config);
    }
}
