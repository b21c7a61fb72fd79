// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.files;

import im.dunlin.core.http.HttpContent;
import im.dunlin.core.http.HttpSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes files on threads of their own, so that nobody waits for a disk who must not. Any thread.
 *
 * <p>What is under way is bounded: each transfer has one piece at a time, and refused work is a failed transfer.
 */
public final class SharedFiles implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SharedFiles.class);

    private static final int THREADS = 4;
    private static final int WAITING = 4_096;
    private static final int PIECE = 64 * 1024;
    private static final long STOP_SECONDS = 5;

    /** What has become of a file that a client sent. */
    public enum Outcome {
        STORED,
        /** There is no room for it. */
        NO_ROOM,
        /** It was not kept, for the client or for the disk. */
        FAILED
    }

    private final FileStore store;
    private final long keepFree;
    private final ThreadPoolExecutor threads;
    private volatile boolean full;

    /** @param keepFree bytes that files leave free for others */
    public SharedFiles(FileStore store, long keepFree) {
        this.store = store;
        this.keepFree = keepFree;
        this.threads = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task -> {
                    Thread thread = new Thread(task, "files");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** Whether there was no room when it was looked at last. */
    public boolean isFull() {
        return full;
    }

    private boolean run(Runnable task) {
        try {
            threads.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private boolean hasRoomFor(long size) throws IOException {
        long free = store.free();
        full = free < keepFree;
        return free - size >= keepFree;
    }

    /**
     * Takes the body of a request into a file.
     *
     * @param size what is to come
     * @param then told once, on any thread
     */
    public HttpSink receive(String name, long size, Consumer<Outcome> then) {
        return new Receiving(name, size, then);
    }

    /**
     * Opens a file for sending.
     *
     * @param from the first byte, of a file that is known to be at least that long
     * @param length bytes from there on
     * @param then gets null if it is not there or cannot be read; any thread
     */
    public void send(String name, long from, long length, Consumer<@Nullable HttpContent> then) {
        boolean accepted = run(() -> {
            FileStore.Outgoing file = null;
            try {
                file = store.open(name);
                if (file != null && file.length() >= from + length) {
                    file.seek(from);
                    then.accept(new Sending(file, length));
                    return;
                }
            } catch (IOException e) {
                log.warn("A file cannot be read", e);
            }
            close(file);
            then.accept(null);
        });
        if (!accepted) {
            then.accept(null);
        }
    }

    /**
     * Reads something that the program has on the disk.
     *
     * @param then gets null if that fails; any thread
     */
    public void load(Supplier<byte[]> source, Consumer<byte @Nullable []> then) {
        boolean accepted = run(() -> {
            byte[] content = null;
            try {
                content = source.get();
            } catch (UncheckedIOException e) {
                log.warn("A part of the program cannot be read", e);
            }
            then.accept(content);
        });
        if (!accepted) {
            then.accept(null);
        }
    }

    private static void close(FileStore.@Nullable Outgoing file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            log.debug("A file cannot be closed", e);
        }
    }

    /**
     * Deletes a file some time soon, or never if the process ends before or too much waits for the disk.
     *
     * @param then run when it is gone; any thread
     */
    public void delete(String name, Runnable then) {
        boolean accepted = run(() -> {
            try {
                store.delete(name);
                full = store.free() < keepFree;
                then.run();
            } catch (IOException e) {
                log.warn("A file cannot be deleted", e);
            }
        });
        if (!accepted) {
            log.warn("A file was not deleted, as too much waits for the disk");
        }
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Receiving implements HttpSink {
        private final String name;
        private final long size;
        private final Consumer<Outcome> then;
        private FileStore.@Nullable Incoming file;
        private long received;
        private boolean over;

        Receiving(String name, long size, Consumer<Outcome> then) {
            this.name = name;
            this.size = size;
            this.then = then;
        }

        @Override
        public void take(byte[] piece, Runnable more) {
            submit(() -> {
                received += piece.length;
                if (received > size) {
                    throw new IOException("more than was announced");
                }
                begun().write(piece);
                more.run();
            });
        }

        private FileStore.Incoming begun() throws IOException {
            if (file == null) {
                if (!hasRoomFor(size)) {
                    throw new NoRoomException();
                }
                file = store.create(name);
            }
            return file;
        }

        @Override
        public void complete() {
            submit(() -> {
                if (received != size) {
                    throw new IOException("less than was announced");
                }
                begun().commit();
                over = true;
                then.accept(Outcome.STORED);
            });
        }

        @Override
        public void broken() {
            submit(() -> fail(Outcome.FAILED));
        }

        private synchronized void abort() {
            over = true;
            if (file != null) {
                file.abort();
                file = null;
            }
        }

        private void submit(Step step) {
            boolean accepted = run(() -> {
                synchronized (this) {
                    if (over) {
                        return;
                    }
                    try {
                        step.run();
                    } catch (NoRoomException e) {
                        fail(Outcome.NO_ROOM);
                    } catch (IOException e) {
                        log.warn("A file cannot be written: {}", e.toString());
                        fail(Outcome.FAILED);
                    }
                }
            });
            if (!accepted) {
                fail(Outcome.FAILED);
            }
        }

        private void fail(Outcome outcome) {
            abort();
            then.accept(outcome);
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private static final class NoRoomException extends IOException {
        private static final long serialVersionUID = 1;
    }

    private final class Sending implements HttpContent {
        private final FileStore.Outgoing file;
        private final long length;
        private long left;
        private boolean closed;

        Sending(FileStore.Outgoing file, long length) {
            this.file = file;
            this.length = length;
            this.left = length;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public void next(Consumer<byte @Nullable []> then) {
            if (!run(() -> then.accept(piece()))) {
                then.accept(null);
            }
        }

        private synchronized byte @Nullable [] piece() {
            byte[] piece = new byte[(int) Math.min(PIECE, left)];
            try {
                int read = closed ? -1 : file.read(piece);
                if (read <= 0) {
                    return null;
                }
                left -= read;
                return read == piece.length ? piece : Arrays.copyOf(piece, read);
            } catch (IOException e) {
                log.warn("A file cannot be read", e);
                return null;
            }
        }

        @Override
        public void close() {
            Runnable closing = () -> {
                synchronized (this) {
                    closed = true;
                    SharedFiles.close(file);
                }
            };
            if (!run(closing)) {
                closing.run();
            }
        }
    }
}
