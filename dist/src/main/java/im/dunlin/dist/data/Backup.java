// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.data;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * A copy of everything a server keeps, in a directory of its own.
 *
 * <pre>
 * dunlin-backup  the format of this directory and the moment it shows; written last, so that it makes the copy whole
 * store/         the store's own backup
 * tls/           self-signed certificates
 * </pre>
 */
public final class Backup {
    private static final String MARK = "dunlin-backup";
    private static final String FORMAT = "1";

    private Backup() {}

    /** Copies the store while it serves. */
    public interface StoreCopy {
        void to(Path directory) throws IOException;
    }

    /** Readies a restored store, before any server opens it. */
    public interface StoreReview {
        /** @param taken everything up to this moment is there, anything later may be lost */
        void of(Path store, Instant taken) throws IOException, StartException;
    }

    /**
     * Writes a backup.
     *
     * @param directory does not exist, or is empty
     */
    public static void write(DataDirectory data, Path directory, StoreCopy store, Instant now) throws IOException {
        Files.createDirectories(directory);
        if (!isEmpty(directory)) {
            throw new IOException(directory + " is not empty");
        }
        store.to(directory.resolve("store"));
        copy(data.tls(), directory.resolve("tls"));
        Files.writeString(directory.resolve(MARK), FORMAT + "\n" + now + "\n");
    }

    /** Puts a backup where a server keeps its data; refuses to replace any. */
    public static void restore(Path directory, DataDirectory data, StoreReview review) throws StartException {
        try {
            Instant taken = taken(directory);
            if (Files.exists(data.store())) {
                throw new StartException(data.root() + ": there is data already; move it away first");
            }
            Path draft = data.root().resolve("store.restoring");
            delete(draft);
            copy(directory.resolve("store"), draft);
            review.of(draft, taken);
            delete(data.tls());
            copy(directory.resolve("tls"), data.tls());
            Files.move(draft, data.store(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new StartException(directory + ": cannot be restored (" + e.getMessage() + ")", e);
        }
    }

    private static Instant taken(Path directory) throws IOException, StartException {
        try {
            List<String> mark = Files.readAllLines(directory.resolve(MARK));
            if (mark.size() == 2 && mark.get(0).equals(FORMAT)) {
                return Instant.parse(mark.get(1));
            }
            throw new StartException(directory + ": a backup of a format that this version does not know");
        } catch (NoSuchFileException e) {
            throw new StartException(directory + ": no backup, or one that was not finished (no file " + MARK + ")");
        } catch (DateTimeException e) {
            throw new StartException(directory.resolve(MARK) + ": damaged");
        }
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
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            // Deepest first: a directory goes when it is empty.
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
