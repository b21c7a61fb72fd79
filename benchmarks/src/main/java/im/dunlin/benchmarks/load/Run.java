// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import im.dunlin.benchmarks.load.client.Client;
import im.dunlin.benchmarks.load.client.Connector;
import im.dunlin.benchmarks.load.client.Login;
import im.dunlin.benchmarks.load.client.Received;
import im.dunlin.benchmarks.load.measure.Comparison;
import im.dunlin.benchmarks.load.measure.LiveLine;
import im.dunlin.benchmarks.load.measure.ProcessCost;
import im.dunlin.benchmarks.load.measure.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One run of a scenario: connections, figures, and what they cost both sides. */
public final class Run implements AutoCloseable {
    /** Of the cores that the generator may use; above, it may be what is slow. */
    private static final double OWN_SHARE = 0.8;

    private static final double LATE_MICROS = 10_000;
    private static final double FULL = 0.95;
    private static final int LOGINS_AT_ONCE = 12;
    private static final int PATIENCE_SECONDS = 30;

    /** The clocks at the beginning of what is measured. */
    public record Clocks(long nanos, double server, double own) {}

    private final Target target;
    private final Connector connector;
    private final @Nullable ProcessCost server;
    private final ProcessCost own = new ProcessCost(ProcessHandle.current().pid());
    private final Report report;
    private final LiveLine line = new LiveLine(System.err, System.console() != null);
    private final Clocks begun;
    private boolean charged;
    private final List<Client> clients = new ArrayList<>();

    Run(String scenario, Target target) throws Exception {
        this.target = target;
        this.connector = target.connector();
        Long pid = target.pid();
        this.server = pid == null ? null : new ProcessCost(pid);
        this.report = new Report(scenario, target.label(), target.round());
        this.begun = clocks();
    }

    public Report report() {
        return report;
    }

    public LiveLine line() {
        return line;
    }

    public Connector connector() {
        return connector;
    }

    /** Logs one in and waits for it. */
    public Client login(Login login) throws Exception {
        return login(login, stanza -> {});
    }

    /** Logs one in that listens from the first stanza on, and waits for it. */
    public Client login(Login login, Consumer<Received> listener) throws Exception {
        Client client = connector.login(login, listener).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        keep(client);
        return client;
    }

    /** Logs many in, a few at a time, and says that they are available. */
    public List<Client> loginAll(int count, IntFunction<Login> who) throws Exception {
        List<Client> all = new ArrayList<>();
        List<CompletableFuture<Client>> open = new ArrayList<>();
        for (int i = 0; i < count || !open.isEmpty(); ) {
            while (i < count && open.size() < LOGINS_AT_ONCE) {
                open.add(connector.login(who.apply(i++)));
            }
            Client client = open.remove(0).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            client.send("<presence/>");
            all.add(client);
            line.show("login", (double) all.size() / count, all.size() + " of " + count);
        }
        all.forEach(this::keep);
        return all;
    }

    /** From now on disconnected at the end of the run. */
    public void keep(Client client) {
        synchronized (clients) {
            clients.add(client);
        }
    }

    /** Disconnects these and waits until they are. */
    public void logout(List<Client> leaving) throws Exception {
        forget(leaving);
        for (CompletableFuture<?> gone : leaving.stream().map(Client::close).toList()) {
            gone.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void forget(List<Client> leaving) {
        synchronized (clients) {
            clients.removeAll(leaving);
        }
    }

    /** Cuts these off, and waits until they are. */
    public void cut(List<Client> victims) throws Exception {
        forget(victims);
        for (CompletableFuture<?> gone : victims.stream().map(Client::cut).toList()) {
            gone.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    public Clocks clocks() throws IOException {
        return new Clocks(System.nanoTime(), server == null ? 0 : server.cpuSeconds(), own.cpuSeconds());
    }

    /** What this many operations have cost since then. */
    public void charge(Clocks since, long operations, String operation) throws IOException {
        charged = true;
        Clocks now = clocks();
        double seconds = (now.nanos() - since.nanos()) / 1e9;
        if (server != null) {
            double cpu = now.server() - since.server();
            report.add("server CPU per " + operation, cpu * 1e6 / operations, "µs");
            report.add("server CPU", cpu / seconds, "cores");
            report.add("server RSS", server.residentKib() / 1024.0, "MiB");
            report.add("server PSS", server.proportionalKib() / 1024.0, "MiB");
        }
        double ownCores = (now.own() - since.own()) / seconds;
        report.add("generator CPU", ownCores, "cores");
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        report.add("load average", load, "");
        if (ownCores > OWN_SHARE * target.threads()) {
            report.remark(String.format(
                    Locale.ROOT,
                    "the generator used %.2f of its %d threads: it may be the bottleneck, not the server",
                    ownCores,
                    target.threads()));
        }
        int cores = Runtime.getRuntime().availableProcessors();
        if (server != null && ownCores + (now.server() - since.server()) / seconds > FULL * cores) {
            report.remark("server and generator together filled all " + cores + " cores");
        }
    }

    /** How late an open load was sent, which is in its latencies. */
    public void punctuality(double lateMicros) {
        report.add("sent late p99", lateMicros / 1_000, "ms");
        if (lateMicros > LATE_MICROS) {
            report.remark("the generator was late: latencies are its own as well as the server's");
        }
    }

    /** Waits, showing how far it is. @return whether it came to pass in time */
    public boolean await(BooleanSupplier done, int seconds, Supplier<String> figures) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            line.show("waiting", 0, figures.get());
            Thread.sleep(1);
        }
        return true;
    }

    /** Prints the table, appends the rows, writes the page. */
    void finish(PrintWriter out) throws IOException {
        line.clear();
        if (!charged) {
            report.add(
                    "generator CPU",
                    (clocks().own() - begun.own()) * 1e9 / (System.nanoTime() - begun.nanos()),
                    "cores");
        }
        out.print(report.table());
        out.flush();
        if (target.tsv() != null) {
            report.appendTo(target.tsv());
        }
        if (target.html() != null) {
            Comparison all = target.tsv() == null ? Comparison.of(report.rows()) : Comparison.of(target.tsv());
            Files.writeString(target.html(), all.page(Set.of()));
        }
    }

    @Override
    public void close() {
        clients.forEach(Client::close);
        connector.close();
    }
}
