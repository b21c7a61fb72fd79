// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * Everything a server keeps, held by one process at a time.
 *
 * <pre>
 * lock           locked, and the process id of its holder
 * control.sock   where a running server listens for commands
 * store/         the store's files
 * tls/           self-signed certificates
 * </pre>
 *
 * Only the user that runs the server may enter: passwords' verifiers and private keys lie here.
 */
public final class DataDirectory implements AutoCloseable {
    private final Path root;
    private final FileChannel lockFile;

    private DataDirectory(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    /**
     * Makes the directory where it is missing, and takes it for this process.
     *
     * @return {@code null} when another process has it
     */
    public static @Nullable DataDirectory take(Path directory) throws StartException {
        Path root = directory.toAbsolutePath().normalize();
        try {
            Files.createDirectories(root);
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
            FileChannel lockFile = FileChannel.open(
                    root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = tryLock(lockFile);
            if (lock == null) {
                lockFile.close();
                return null;
            }
            lockFile.truncate(0);
            lockFile.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            return new DataDirectory(root, lockFile);
        } catch (FileAlreadyExistsException e) {
            throw new StartException(root + ": the data directory's place is taken by a file");
        } catch (AccessDeniedException e) {
            throw new StartException(root + ": the data directory cannot be written (permission denied)");
        } catch (FileSystemException e) {
            String reason = e.getReason();
            throw new StartException(root + ": the data directory cannot be written ("
                    + (reason == null ? e.getMessage() : reason) + ")");
        } catch (IOException e) {
            throw new StartException(root + ": the data directory cannot be written (" + e.getMessage() + ")");
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** Whether another process has it. */
    public static boolean isTaken(Path directory) {
        try (FileChannel lockFile = FileChannel.open(directory.resolve("lock"), StandardOpenOption.WRITE)) {
            return tryLock(lockFile) == null;
        } catch (IOException e) {
            return false;
        }
    }

    /** Where the server that has this data directory listens for commands. */
    public static Path controlSocket(Path directory) {
        return shortest(directory.toAbsolutePath().normalize().resolve("control.sock"));
    }

    /** Socket addresses hold about a hundred bytes: of two names of one place, the shorter may be the only one. */
    private static Path shortest(Path path) {
        Path relative = Path.of("").toAbsolutePath().relativize(path);
        return relative.toString().length() < path.toString().length() ? relative : path;
    }

    public Path root() {
        return root;
    }

    public Path store() {
        return root.resolve("store");
    }

    public Path tls() {
        return root.resolve("tls");
    }

    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
