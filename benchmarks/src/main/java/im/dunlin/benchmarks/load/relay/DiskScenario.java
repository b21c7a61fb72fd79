// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.relay;

import im.dunlin.benchmarks.load.Run;
import im.dunlin.benchmarks.load.Scenario;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What one write takes to be on the disk: no durable message can be quicker. */
@Command(name = "disk", description = "Appends to a file and syncs it, again and again.")
public final class DiskScenario extends Scenario {
    private static final int MAX_RECORDS = 100_000;
    private static final int MAX_FILES = 1_000;

    @Option(names = "--directory", defaultValue = ".", description = "On which disk. Default: this directory.")
    private Path directory = Path.of(".");

    @Option(names = "--bytes", defaultValue = "600", description = "Of one record. Default: 600.")
    private int bytes;

    @Option(names = "--seconds", defaultValue = "5", description = "How long. Default: 5.")
    private int seconds;

    @Option(
            names = "--as-uploads",
            description = "Each record is a file of its own, as one that is uploaded; figures are named as upload's.")
    private boolean uploads;

    @Override
    protected String reportedAs() {
        return uploads ? "upload" : "disk";
    }

    @Override
    protected int lasts() {
        return seconds;
    }

    @Override
    protected void measure(Run run) throws Exception {
        if (uploads) {
            measureFiles(run);
        } else {
            measureSync(run);
        }
    }

    private void measureFiles(Run run) throws IOException {
        Path into = Files.createTempDirectory(directory, "disk");
        Histogram latency = new Histogram(3);
        List<Path> files = new ArrayList<>();
        long begin = System.nanoTime();
        long end = begin;
        try (FileChannel names = FileChannel.open(into)) {
            while (files.size() < MAX_FILES && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(seconds)) {
                long each = System.nanoTime();
                Path file = into.resolve(String.valueOf(files.size()));
                files.add(file);
                try (FileChannel channel =
                        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                    ByteBuffer record = ByteBuffer.allocate(bytes);
                    while (record.hasRemaining()) {
                        channel.write(record);
                    }
                    channel.force(true);
                }
                names.force(true);
                end = System.nanoTime();
                latency.recordValue(end - each);
                run.line().show("disk", (end - begin) / 1e9 / seconds, files.size() + " files");
            }
        } finally {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.delete(into);
        }
        double mebibytes = (double) files.size() * bytes / (1 << 20);
        run.report().add("upload throughput", mebibytes / ((end - begin) / 1e9), "MiB/s");
        run.report().addLatency("upload", latency);
    }

    private void measureSync(Run run) throws IOException {
        Path file = Files.createTempFile(directory, "disk", ".sync");
        Histogram latency = new Histogram(3);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            for (int i = 0; i < MAX_RECORDS && System.nanoTime() < end; i++) {
                long begin = System.nanoTime();
                channel.write(ByteBuffer.allocate(bytes));
                channel.force(false);
                latency.recordValue(System.nanoTime() - begin);
                run.line().show("disk", 1 - (end - begin) / 1e9 / seconds, i + " records");
            }
        }
        run.report().addLatency("disk sync", latency);
    }
}
