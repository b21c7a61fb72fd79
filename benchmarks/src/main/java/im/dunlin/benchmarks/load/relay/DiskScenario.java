// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.relay;

import im.dunlin.benchmarks.load.Run;
import im.dunlin.benchmarks.load.Scenario;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What one write takes to be on the disk: no durable message can be quicker. */
@Command(name = "disk", description = "Appends to a file and syncs it, again and again.")
public final class DiskScenario extends Scenario {
    private static final int MAX_RECORDS = 100_000;

    @Option(names = "--directory", defaultValue = ".", description = "On which disk. Default: this directory.")
    private Path directory = Path.of(".");

    @Option(names = "--bytes", defaultValue = "600", description = "Of one record. Default: 600.")
    private int bytes;

    @Option(names = "--seconds", defaultValue = "5", description = "How long. Default: 5.")
    private int seconds;

    @Override
    protected void measure(Run run) throws Exception {
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
            }
        }
        run.report().addLatency("disk sync", latency);
    }
}
