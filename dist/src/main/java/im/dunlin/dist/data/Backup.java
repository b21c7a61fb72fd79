// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.data;

import im.dunlin.storage.Store;
import im.dunlin.storage.rocks.RocksBackup;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A copy of everything a server keeps: {@code store/}, the store's own backup, which knows when it is whole, and
 * {@code tls/}, so that clients meet the certificates they know.
 */
public final class Backup {
    private static final String STORE = "store";
    private static final String TLS = "tls";

    private Backup() {}

    /**
     * Copies while the server serves.
     *
     * @param directory does not exist, or is empty
     */
    public static void write(DataDirectory data, Store store, Path directory) throws IOException {
        if (Files.exists(directory) && !isEmpty(directory)) {
            throw new IOException(directory + " is not empty");
        }
        Files.createDirectories(directory);
        copy(data.tls(), directory.resolve(TLS));
        store.backup(directory.resolve(STORE));
    }

    /** Copies a backup to where there is no data yet; the store notes at its first opening what is lost. */
    public static void restore(Path directory, DataDirectory data) throws IOException, StartException {
        data.prepare();
        if (Files.exists(data.store()) && !isEmpty(data.store())) {
            throw new StartException(data.root() + ": there is data already; move it away first");
        }
        copy(directory.resolve(TLS), data.tls());
        RocksBackup.restore(directory.resolve(STORE), data.store());
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            return !files.iterator().hasNext();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        if (!Files.exists(from)) {
            return;
        }
        Files.createDirectories(to);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(from)) {
            for (Path file : files) {
                Files.copy(
                        file,
                        to.resolve(file.getFileName()),
                        StandardCopyOption.COPY_ATTRIBUTES,
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
