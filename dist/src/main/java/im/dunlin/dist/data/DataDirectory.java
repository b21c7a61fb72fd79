// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.data;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where everything lies that a server keeps.
 *
 * <pre>
 * store/         the store's files and its lock, which tells whether a server runs
 * tls/           self-signed certificates
 * files/         what users uploaded
 * control.sock   where a running server listens for commands
 * </pre>
 *
 * @param root absolute
 */
public record DataDirectory(Path root) {
    public DataDirectory {
        root = root.toAbsolutePath().normalize();
    }

    /**
     * Makes the directory where it is missing. Only the user that runs the server may enter: password verifiers and
     * private keys lie here.
     *
     * @throws StartException when it cannot be made or written
     */
    public void prepare() throws StartException {
        try {
            Files.createDirectories(root);
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
            // Fails where the directory is there but nothing can be written into it.
            Files.createDirectories(tls());
        } catch (FileAlreadyExistsException e) {
            throw unusable("its place is taken by a file");
        } catch (AccessDeniedException e) {
            throw unusable("permission denied");
        } catch (FileSystemException e) {
            String reason = e.getReason();
            throw unusable(reason == null ? e.toString() : reason);
        } catch (IOException e) {
            throw unusable(e.toString());
        }
    }

    private StartException unusable(String reason) {
        return new StartException(root + ": the data directory cannot be written (" + reason + ")");
    }

    public Path store() {
        return root.resolve("store");
    }

    public Path files() {
        return root.resolve("files");
    }

    public Path tls() {
        return root.resolve("tls");
    }

    /** Socket addresses hold about a hundred bytes; of two names of one place, the shorter may be the only one. */
    public Path controlSocket() {
        Path absolute = root.resolve("control.sock");
        Path relative = Path.of("").toAbsolutePath().relativize(absolute);
        return relative.toString().length() < absolute.toString().length() ? relative : absolute;
    }
}
