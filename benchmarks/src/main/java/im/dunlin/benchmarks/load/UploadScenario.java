// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import im.dunlin.benchmarks.load.client.Client;
import im.dunlin.benchmarks.load.client.HttpTransfer;
import im.dunlin.benchmarks.load.client.Query;
import im.dunlin.benchmarks.load.client.Received;
import im.dunlin.benchmarks.load.measure.Report;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Files are uploaded (XEP-0363) and fetched again, each compared with what it was. {@code disk --file} says what the disk takes
 * of the same.
 */
@Command(name = "upload", description = "Uploads files and fetches them again.")
final class UploadScenario extends Scenario {
    private static final int PATIENCE_SECONDS = 60;

    @Option(names = "--files", defaultValue = "200", description = "How many are measured. Default: 200.")
    private int files;

    @Option(names = "--warmup", defaultValue = "20", description = "How many go before, not measured. Default: 20.")
    private int warmup;

    @Option(names = "--bytes", defaultValue = "1048576", description = "Of one file. Default: 1048576.")
    private int bytes;

    @Option(names = "--at-once", defaultValue = "4", description = "How many are under way at a time. Default: 4.")
    private int atOnce;

    @Option(names = "--service", description = "Where slots are asked for. Default: upload.DOMAIN.")
    private String service = "";

    private byte[] content = {};

    private record Slot(String put, String authorization, String get) {}

    private record Open(int number, long begun, CompletableFuture<Integer> status) {}

    @Override
    protected void measure(Run run) throws Exception {
        content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        Client client = run.login(target().login(0, "upload"));
        transfer(run, "warm-up", warmup, i -> put(run, slots(client, i, 1).get(0), i), new Histogram(3));

        List<Slot> slots = slots(client, warmup, files);
        Histogram latency = new Histogram(3);
        Run.Clocks clocks = run.clocks();
        transfer(run, "upload", files, i -> put(run, slots.get(i), i), latency);
        throughput(run.report(), "upload throughput", clocks);
        run.charge(clocks, files, "file");
        run.report().addLatency("upload", latency);

        clocks = run.clocks();
        latency.reset();
        transfer(run, "download", files, i -> get(run, slots.get(i).get(), i), latency);
        throughput(run.report(), "download throughput", clocks);
        run.report().addLatency("download", latency);
    }

    private void throughput(Report report, String name, Run.Clocks since) {
        report.add(name, (double) files * bytes / (1 << 20) / ((System.nanoTime() - since.nanos()) / 1e9), "MiB/s");
    }

    private List<Slot> slots(Client client, int first, int count) throws Exception {
        List<Slot> slots = new ArrayList<>();
        for (int i = first; i < first + count; i++) {
            String id = "slot" + i;
            String to = service.isEmpty() ? "upload." + target().domain() : service;
            Received answer = Received.of(client.ask(new Query(
                            id,
                            "<iq type='get' id='" + id + "' to='" + to
                                    + "'><request xmlns='urn:xmpp:http:upload:0' filename='" + i + ".bin' size='"
                                    + bytes + "' content-type='application/octet-stream'/></iq>"))
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            String put = answer.attributeAfter(Math.max(0, answer.find("<put ", 0)), "url");
            String get = answer.attributeAfter(Math.max(0, answer.find("<get ", 0)), "url");
            if (put == null || get == null) {
                throw new IllegalStateException("no slot: " + answer);
            }
            String authorization = answer.between(">", "</header>", Math.max(0, answer.find("Authorization", 0)));
            slots.add(new Slot(put, authorization == null ? "" : authorization, get));
        }
        return slots;
    }

    private void transfer(Run run, String what, int count, Step step, Histogram latency) throws Exception {
        Deque<Open> open = new ArrayDeque<>();
        for (int i = 0; i < count || !open.isEmpty(); ) {
            while (i < count && open.size() < atOnce) {
                open.add(new Open(i, System.nanoTime(), step.begin(i)));
                i++;
            }
            Open next = open.remove();
            int status = next.status().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            latency.recordValue(System.nanoTime() - next.begun());
            if (status / 100 != 2) {
                throw new IOException(what + " of file " + next.number() + ": status " + status);
            }
            run.line().show(what, (double) i / count, i + " of " + count);
        }
    }

    private interface Step {
        CompletableFuture<Integer> begin(int number) throws Exception;
    }

    private CompletableFuture<Integer> put(Run run, Slot slot, int number) {
        URI address = URI.create(slot.put());
        return run.connector()
                .put(target().permit(address.getHost()), address, slot.authorization(), content(number))
                .thenApply(HttpTransfer.Answer::status);
    }

    private CompletableFuture<Integer> get(Run run, String url, int number) {
        URI address = URI.create(url);
        return run.connector().get(target().permit(address.getHost()), address).thenApply(answer -> {
            if (!Arrays.equals(answer.body(), content(number))) {
                throw new IllegalStateException("file " + number + " is another than was uploaded");
            }
            return answer.status();
        });
    }

    private byte[] content(int number) {
        byte[] own = content.clone();
        own[number % bytes]++;
        return own;
    }
}
