// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.files;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where files lie: a directory ({@link DirectoryFileStore}), or an object store elsewhere. A file is there as a whole or not
 * at all.
 *
 * <p>All methods may wait; {@link SharedFiles} calls them on threads for that. Names are 32 hexadecimal digits.
 */
public interface FileStore {
    /**
     * Begins a file. When it is complete it takes the place of one of that name; whoever hands out names sees to it that
     * this is only one that a crash left.
     *
     * @throws java.nio.file.FileAlreadyExistsException if one of that name has begun
     */
    Incoming create(String name) throws IOException;

    /** @return null if there is no file of that name */
    @Nullable
    Outgoing open(String name) throws IOException;

    /** Deletes a file, if it is there. */
    void delete(String name) throws IOException;

    /** Bytes that may still be written. */
    long free() throws IOException;

    /** A file on its way in. One call at a time. */
    interface Incoming {
        void write(byte[] piece) throws IOException;

        /** The file is there from now on, also after a loss of power. */
        void commit() throws IOException;

        /** It never was. */
        void abort();
    }

    /** A file on its way out. One call at a time. */
    interface Outgoing extends Closeable {
        long length();

        void seek(long position) throws IOException;

        /** @return how many bytes were read, -1 at the end */
        int read(byte[] into) throws IOException;
    }
}
