// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.transfer;

import im.dunlin.core.portable.PortableException;
import im.dunlin.core.portable.PortableReader;
import im.dunlin.core.portable.PortableWriter;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.control.RefusedException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes accounts to a file of XEP-0227, or each to one of its own, which only its user may read: it has what passwords are checked
 * against. It is written beside its place, so that what stands there is whole.
 */
public final class AccountExport {
    private final Administration administration;
    private final Form form;
    private final Path file;
    private final Path part;

    /** Who is to read it. */
    public enum Form {
        /** Whoever knows the document. */
        XEP_0227,
        /** Version 23, as Debian has it. */
        EJABBERD
    }

    /** @param file does not exist */
    public AccountExport(Administration administration, Form form, Path file) {
        this.administration = administration;
        this.form = form;
        this.file = file.toAbsolutePath().normalize();
        this.part = this.file.resolveSibling(this.file.getFileName() + ".part");
    }

    /** Writes an account into a directory, to a file named after it. @return 1 */
    public static int one(Administration administration, Form form, String jid, Path directory)
            throws RefusedException {
        return new AccountExport(administration, form, directory.resolve(jid + ".xml")).account(jid);
    }

    /** Writes each account of these hosts into a directory, to a file named after it. @return how many there are */
    public static int each(Administration administration, Form form, List<String> hosts, Path directory)
            throws RefusedException {
        int written = 0;
        for (String host : hosts) {
            written += forEach(administration, host, jid -> one(administration, form, jid, directory));
        }
        return written;
    }

    /** Writes one account. @return 1 */
    public int account(String jid) throws RefusedException {
        return write(() -> {
            between(PortableWriter::begin);
            between(writer -> writer.beginHost(jid.substring(jid.indexOf('@') + 1)));
            administration.exportUser(jid, part);
            between(PortableWriter::endHost);
            between(PortableWriter::end);
            return 1;
        });
    }

    /** @return how many accounts these hosts have */
    public int hosts(List<String> hosts) throws RefusedException {
        return write(() -> {
            int written = 0;
            between(PortableWriter::begin);
            for (String host : hosts) {
                between(writer -> writer.beginHost(host));
                written += forEach(administration, host, jid -> administration.exportUser(jid, part));
                between(PortableWriter::endHost);
            }
            between(PortableWriter::end);
            return written;
        });
    }

    private interface Account {
        void write(String jid) throws RefusedException;
    }

    private static int forEach(Administration administration, String host, Account account) throws RefusedException {
        int written = 0;
        @Nullable String after = null;
        List<String> page;
        do {
            page = administration.listUsers(host, after);
            for (String jid : page) {
                account.write(jid);
                after = jid;
                written++;
            }
        } while (page.size() == Administration.PAGE);
        return written;
    }

    private interface Writing {
        int run() throws IOException, RefusedException;
    }

    private interface Tags {
        void write(PortableWriter writer) throws IOException;
    }

    private int write(Writing writing) throws RefusedException {
        if (Files.exists(file)) {
            throw new RefusedException(file + ": exists already");
        }
        try {
            create(part);
            boolean done = false;
            try {
                int written = writing.run();
                if (form == Form.EJABBERD) {
                    convert();
                }
                try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
                done = true;
                return written;
            } finally {
                if (!done) {
                    Files.deleteIfExists(part);
                }
            }
        } catch (IOException e) {
            throw new RefusedException(file + ": cannot be written (" + e.getMessage() + ")");
        }
    }

    private static void create(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /** Writes it anew, piece by piece. */
    private void convert() throws IOException {
        Path other = part.resolveSibling(part.getFileName() + ".other");
        create(other);
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(other, StandardOpenOption.APPEND))) {
                PortableWriter writer = new PortableWriter(out);
                EjabberdWriter accounts = new EjabberdWriter(writer);
                writer.begin();
                PortableReader.read(part, accounts);
                accounts.endHost();
                writer.end();
            }
            Files.move(other, part, StandardCopyOption.ATOMIC_MOVE);
        } catch (PortableException e) {
            throw new IOException(e);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            Files.deleteIfExists(other);
        }
    }

    /** Writes tags around accounts; the accounts themselves the server appends. */
    private void between(Tags tags) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part, StandardOpenOption.APPEND))) {
            tags.write(new PortableWriter(out));
        }
    }
}
