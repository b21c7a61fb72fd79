// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.rocksdb.NativeLibraryLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RocksDB's native part. Left to itself it unpacks 17 MB to a new file that is deleted when the virtual machine ends in peace,
 * so each kill would leave one.
 */
public final class NativeLibrary {
    private static final Logger log = LoggerFactory.getLogger(NativeLibrary.class);

    private NativeLibrary() {}

    /** Begins to {@link #load} on a thread of its own, since that takes long; whoever opens a store is told what went wrong. */
    public static void loadAhead() {
        Thread thread = new Thread(new FutureTask<>(NativeLibrary::load, null), "native-library");
        thread.setDaemon(true);
        thread.start();
    }

    /** To be called before anything else of RocksDB is touched, as often as one likes. */
    static void load() {
        try {
            Path directory = Files.createTempDirectory("dunlin-native");
            // A command that ends at once does not wait for a thread that unpacks ahead.
            Thread atExit = new Thread(() -> deleteQuietly(directory), "native-library-left");
            Runtime.getRuntime().addShutdownHook(atExit);
            try {
                NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
            } finally {
                // What is loaded stays loaded without its name.
                delete(directory);
                Runtime.getRuntime().removeShutdownHook(atExit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("RocksDB's native library cannot be unpacked", e);
        }
    }

    private static void deleteQuietly(Path directory) {
        // The other thread may write a file between the look and the deletion.
        for (int attempt = 0; attempt < 3 && Files.exists(directory); attempt++) {
            try {
                delete(directory);
            } catch (IOException e) {
                log.debug("{} stays behind: {}", directory, e.getMessage());
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(directory);
    }
}
