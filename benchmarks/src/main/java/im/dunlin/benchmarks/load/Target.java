// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import static picocli.CommandLine.Spec.Target.MIXEE;

import im.dunlin.benchmarks.load.client.Connector;
import im.dunlin.benchmarks.load.client.Login;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that all scenarios share: which server, which accounts, where figures go, and when to stop. */
public final class Target {
    @Spec(MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "Where the server listens. Default: loopback.")
    private String host = "";

    @Option(
            names = "--permit-host",
            description = "Says that --host, which is not this machine, may be put under load: its name once more.")
    private @Nullable String permitted;

    @Option(names = "--port", defaultValue = "5223", description = "Its port. Default: 5223.")
    private int port;

    @Option(names = "--tls", defaultValue = "direct", description = "${COMPLETION-CANDIDATES}. Default: direct.")
    private Connector.Tls tls = Connector.Tls.DIRECT;

    @Option(
            names = "--websocket",
            paramLabel = "PATH",
            description = "Streams run over WebSocket (RFC 7395), which --port upgrades to at this path.")
    private @Nullable String webSocket;

    @Option(names = "--domain", defaultValue = "localhost", description = "The XMPP domain. Default: localhost.")
    private String domain = "";

    @Option(
            names = "--accounts",
            defaultValue = "100",
            description = "How many accounts there are: PREFIX0, PREFIX1 and so on. Default: 100.")
    private int accounts;

    @Option(names = "--prefix", defaultValue = "u", description = "What the names begin with. Default: u.")
    private String prefix = "";

    @Option(names = "--password", defaultValue = "pw", description = "The password of all of them. Default: pw.")
    private String password = "";

    @Option(names = "--resume-tls", description = "Connections after the first resume their TLS session.")
    private boolean resumeTls;

    @Option(names = "--threads", defaultValue = "1", description = "Threads of this program. Default: 1.")
    private int threads;

    @Option(names = "--pid", description = "The server's process; its children count as well. Linux only.")
    private @Nullable Long pid;

    @Option(names = "--label", defaultValue = "server", description = "What the server is called in the figures.")
    private String label = "";

    @Option(names = "--as", description = "What the scenario is called in the figures. Without it: its own name.")
    private @Nullable String named;

    @Option(names = "--round", defaultValue = "1", description = "Number of the round, when runs are repeated.")
    private int round;

    @Option(names = "--tsv", description = "File to which the figures are appended as rows.")
    private @Nullable Path tsv;

    @Option(names = "--html", description = "File for a page of plots: of this run, or of all in --tsv.")
    private @Nullable Path html;

    @Option(
            names = "--limit",
            description = "Seconds after which the run is given up. Default: 600, or more if the scenario is to last.")
    private @Nullable Integer limit;

    /** @throws ParameterException the server must not be put under load */
    InetSocketAddress server() {
        InetAddress address = permit(host);
        if (webSocket != null && (tls == Connector.Tls.STARTTLS || !webSocket.startsWith("/"))) {
            throw new ParameterException(
                    spec.commandLine(), "--websocket is a path such as /ws, and its TLS is direct or none");
        }
        return new InetSocketAddress(address, port);
    }

    /** @throws ParameterException the host is not this machine, nor the one that {@code --permit-host} names */
    InetAddress permit(String named) {
        try {
            InetAddress address = InetAddress.getByName(named);
            if (address.isLoopbackAddress() || named.equals(permitted)) {
                return address;
            }
        } catch (UnknownHostException e) {
            throw new ParameterException(spec.commandLine(), named + ": no such host", e);
        }
        throw new ParameterException(
                spec.commandLine(),
                named + " is not this machine. Only its owner may put it under load: --permit-host " + named);
    }

    String domain() {
        return domain;
    }

    Connector connector() throws Exception {
        return new Connector(server(), domain, tls, webSocket, resumeTls, threads);
    }

    /** @throws ParameterException there are not so many accounts */
    public void needAccounts(int wanted) {
        if (wanted > accounts) {
            throw new ParameterException(
                    spec.commandLine(), "This takes " + wanted + " accounts, and --accounts is " + accounts);
        }
    }

    public String user(int account) {
        return prefix + account;
    }

    public String jid(int account) {
        return user(account) + "@" + domain;
    }

    public Login login(int account, String resource) {
        return new Login(user(account), password, resource);
    }

    public int accounts() {
        return accounts;
    }

    public String password() {
        return password;
    }

    public int threads() {
        return threads;
    }

    /** The server's process; null if it was not named. */
    public @Nullable Long pid() {
        return pid;
    }

    public String label() {
        return label;
    }

    public int round() {
        return round;
    }

    @Nullable
    Path tsv() {
        return tsv;
    }

    @Nullable
    String named() {
        return named;
    }

    @Nullable
    Path html() {
        return html;
    }

    @Nullable
    Integer limitSeconds() {
        return limit;
    }
}
