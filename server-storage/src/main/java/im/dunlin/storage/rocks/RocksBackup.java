// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import im.dunlin.storage.StoreException;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * Backups: a RocksDB checkpoint, which is consistent over all tables and takes moments because table files are
 * immutable and linked, or copied to another file system; and a file that says it is whole. A backup on the same file
 * system as the store shares its files with it, so it guards against mistakes and not against the disk: copy it
 * elsewhere.
 */
public final class RocksBackup {
    static {
        NativeLibrary.load();
    }

    /** Written last: without it a directory is no backup. */
    private static final String WHOLE = "backup.properties";

    private static final String MICROS = "micros";
    private static final String SERVER_ID = "serverId";
    private static final String PARTIAL = "tables.partial";

    /** Beside restored tables until the store was opened and has noted the loss. */
    private static final String RESTORED = "restored";

    private RocksBackup() {}

    static void make(RocksDB database, Path directory, long micros, String serverId)
            throws IOException, RocksDBException {
        requireEmpty(directory);
        Files.createDirectories(directory);
        Path tables = directory.resolve(RocksStore.TABLES);
        try (Checkpoint checkpoint = Checkpoint.create(database)) {
            checkpoint.createCheckpoint(tables.toString());
        }
        verify(tables);
        Properties whole = new Properties();
        whole.setProperty(MICROS, Long.toString(micros));
        whole.setProperty(SERVER_ID, serverId);
        write(directory, WHOLE, whole);
    }

    /** Makes a backup unless there is a whole one; what is left of one that was cut off goes first. */
    static void makeOnce(Path directory, RocksStore store) throws IOException {
        if (exists(directory)) {
            return;
        }
        if (Files.exists(directory)) {
            try (Stream<Path> left = Files.walk(directory)) {
                for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        store.backup(directory);
    }

    /** Reads every block of every table and compares the checksums. */
    private static void verify(Path tables) throws RocksDBException {
        List<ColumnFamilyDescriptor> names = new ArrayList<>();
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (Options listing = new Options();
                DBOptions options = ColumnFamilies.toRead()) {
            for (byte[] name : RocksDB.listColumnFamilies(listing, tables.toString())) {
                names.add(new ColumnFamilyDescriptor(name));
            }
            try (RocksDB copy = RocksDB.openReadOnly(options, tables.toString(), names, handles)) {
                try {
                    copy.verifyChecksum();
                } finally {
                    handles.forEach(ColumnFamilyHandle::close);
                }
            }
        } finally {
            names.forEach(name -> name.getOptions().close());
        }
    }

    private static boolean exists(Path directory) {
        return Files.exists(directory.resolve(WHOLE));
    }

    /**
     * Copies a backup to where a store will be opened. The first opening notes as an epoch that everything since the
     * backup is lost.
     *
     * @param directory of the store; does not exist, or is empty
     * @throws StoreException when that is no whole backup, the directory is not empty, or a file cannot be copied
     */
    public static void restore(Path backup, Path directory) {
        try {
            if (!exists(backup)) {
                throw new StoreException(backup + " is no backup, or one that was not finished");
            }
            requireEmpty(directory);
            Files.createDirectories(directory);
            Path partial = Files.createDirectory(directory.resolve(PARTIAL));
            List<Path> files;
            try (Stream<Path> all = Files.list(backup.resolve(RocksStore.TABLES))) {
                files = all.toList();
            }
            for (Path file : files) {
                Path copy = partial.resolve(file.getFileName());
                Files.copy(file, copy);
                force(copy);
            }
            force(partial);
            verify(partial);
            write(directory, RESTORED, read(backup.resolve(WHOLE)));
            Files.move(partial, directory.resolve(RocksStore.TABLES), StandardCopyOption.ATOMIC_MOVE);
            force(directory);
        } catch (IOException | RocksDBException e) {
            throw new StoreException("restoring " + backup + " to " + directory + " failed: " + e.getMessage(), e);
        }
    }

    /** @throws StoreException when a restore into the directory was cut off */
    static void checkRestoreIsWhole(Path directory) {
        if (Files.exists(directory.resolve(PARTIAL))) {
            throw new StoreException(
                    "a restore to " + directory + " was not finished: empty the directory and restore again");
        }
    }

    /** When the backup was made that was restored here, microseconds since 1970; null when none was since. */
    static @Nullable Long restoredFrom(Path directory) throws IOException {
        Path file = directory.resolve(RESTORED);
        if (!Files.exists(file)) {
            return null;
        }
        try {
            return Long.valueOf(read(file).getProperty(MICROS, ""));
        } catch (NumberFormatException e) {
            throw new StoreException(file + " does not say when the backup was made", e);
        }
    }

    static void forgetRestore(Path directory) throws IOException {
        Files.delete(directory.resolve(RESTORED));
        force(directory);
    }

    private static void requireEmpty(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                if (files.findAny().isPresent()) {
                    throw new StoreException(directory + " is not empty");
                }
            }
        }
    }

    private static Properties read(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
        }
        return properties;
    }

    private static void write(Path directory, String name, Properties properties) throws IOException {
        Path made = directory.resolve(name + ".new");
        try (Writer out = Files.newBufferedWriter(made)) {
            properties.store(out, null);
        }
        force(made);
        Files.move(made, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        force(directory);
    }

    /** Works on directories too, where it makes names and moves last. */
    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
