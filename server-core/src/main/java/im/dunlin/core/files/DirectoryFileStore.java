// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Files in a directory.
 *
 * <pre>
 * incoming/NAME    what is not complete; deleted at the next start
 * ab/NAME          complete, by the first two digits of the name
 * </pre>
 */
public final class DirectoryFileStore implements FileStore {
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{32}");

    private final Path root;
    private final Path incoming;

    private DirectoryFileStore(Path root) {
        this.root = root;
        this.incoming = root.resolve("incoming");
    }

    /** Makes the directory where it is missing, and deletes what an earlier run left incomplete. */
    public static DirectoryFileStore open(Path root) throws IOException {
        DirectoryFileStore store = new DirectoryFileStore(root);
        Files.createDirectories(store.incoming);
        force(root.toAbsolutePath().resolveSibling(".").normalize());
        try (DirectoryStream<Path> left = Files.newDirectoryStream(store.incoming)) {
            for (Path half : left) {
                Files.delete(half);
            }
        }
        return store;
    }

    private static void force(Path directory) throws IOException {
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    private Path place(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a name of a file: " + name);
        }
        return root.resolve(name.substring(0, 2)).resolve(name);
    }

    @Override
    public Incoming create(String name) throws IOException {
        Path target = place(name);
        Path half = incoming.resolve(name);
        FileChannel channel = FileChannel.open(half, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        return new Half(channel, half, target);
    }

    @Override
    public @Nullable Outgoing open(String name) throws IOException {
        try {
            return new Whole(FileChannel.open(place(name), StandardOpenOption.READ));
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(place(name));
    }

    @Override
    public long free() throws IOException {
        return Files.getFileStore(root).getUsableSpace();
    }

    private static final class Half implements Incoming {
        private final FileChannel channel;
        private final Path half;
        private final Path target;

        Half(FileChannel channel, Path half, Path target) {
            this.channel = channel;
            this.half = half;
            this.target = target;
        }

        @Override
        public void write(byte[] piece) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(piece);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        @Override
        public void commit() throws IOException {
            try (channel) {
                channel.force(true);
            }
            Path directory = target.resolveSibling(".").normalize();
            Files.createDirectories(directory);
            Files.move(half, target, StandardCopyOption.ATOMIC_MOVE);
            // A name is in its directory, which is a file of its own; and another upload may just have made that.
            force(directory);
            force(directory.resolveSibling(".").normalize());
        }

        @Override
        public void abort() {
            try (channel) {
                Files.deleteIfExists(half);
            } catch (IOException e) {
                // The next start deletes it.
            }
        }
    }

    private static final class Whole implements Outgoing {
        private final FileChannel channel;
        private final long length;

        Whole(FileChannel channel) throws IOException {
            this.channel = channel;
            this.length = channel.size();
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public void seek(long position) throws IOException {
            channel.position(position);
        }

        @Override
        public int read(byte[] into) throws IOException {
            return channel.read(ByteBuffer.wrap(into));
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
