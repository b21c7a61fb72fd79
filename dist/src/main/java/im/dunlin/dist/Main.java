// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import im.dunlin.dist.command.Dunlin;
import im.dunlin.dist.command.StopSignal;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The process: runs one command and ends with its status. */
public final class Main {
    /** A supervisor that waits longer than this need not kill. */
    private static final int STOP_SECONDS = 30;

    /** Netty's buffers as events of the flight recorder, which then takes a tenth of a start to be set up. */
    private static final String RECORDS_BUFFERS = "io.netty.jfr.enabled";

    private Main() {}

    public static void main(String[] arguments) {
        if (System.getProperty(RECORDS_BUFFERS) == null) {
            System.setProperty(RECORDS_BUFFERS, "false");
        }
        StopSignal stop = new StopSignal();
        CompletableFuture<Integer> ended = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stop, ended), "stop"));
        int status = Dunlin.commandLine(new Servers(), stop, arguments).execute(arguments);
        ended.complete(status);
        System.exit(status);
    }

    /** After SIGTERM the virtual machine would end with 143; a clean stop is a success, so this ends with its own status. */
    private static void stop(StopSignal stop, CompletableFuture<Integer> ended) {
        if (!stop.isServing()) {
            return;
        }
        stop.request();
        int status = 1;
        try {
            status = ended.get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            System.err.println("dunlin: not stopped within " + STOP_SECONDS + " seconds; ended");
        } catch (InterruptedException | ExecutionException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(status);
    }
}
